/** What docker-compose.yml must say of every service, and the proof that a missing word is noticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../toolchain.mjs';

const LOOPBACK_AND_MOVABLE = /^127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+$/;
/** Each of these changes of the file must be a problem. */
const MUST_BITE = [
  ['apps/gateway/dist/main.js', 'apps/another/dist/main.js'],
  ['user: node', 'user: root'],
  ['user: postgres', 'init: true'],
  ['read_only: true', 'read_only: false'],
  ['cap_drop: [ALL]', 'cap_drop: [NET_RAW]'],
  ['no-new-privileges:true', 'no-new-privileges:false'],
  ['healthcheck:', 'x-healthcheck:'],
  ['127.0.0.1:${', '${'],
];

function problemsOf(name, service) {
  const must = {
    'a user other than root': service.user && !/^(root|0)(:|$)/.test(String(service.user)),
    'a read-only root': service.read_only === true,
    'cap_drop: [ALL]': service.cap_drop?.join() === 'ALL' && !service.cap_add,
    'no-new-privileges': service.security_opt?.includes('no-new-privileges:true') && !service.privileged,
    'a health check, or an end (restart: on-failure)':
      service.restart === 'on-failure' || service.healthcheck?.test?.length > 0,
    'loopback ports that a setting moves': (service.ports ?? []).every((port) =>
      LOOPBACK_AND_MOVABLE.test(port),
    ),
  };
  return Object.entries(must)
    .filter(([, isSo]) => !isSo)
    .map(([what]) => `docker-compose.yml: ${name} lacks ${what}`);
}

function problemsIn(text) {
  const { services } = parse(text, { merge: true });
  const commands = Object.values(services).map(({ command }) => [command].flat().join(' '));
  const missing = readdirSync(join(root, 'apps'))
    .filter((app) => !commands.some((command) => command.endsWith(`apps/${app}/dist/main.js`)))
    .map((app) => `docker-compose.yml runs no apps/${app}`);
  return [...missing, ...Object.entries(services).flatMap(([name, service]) => problemsOf(name, service))];
}

export function containers() {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const toothless = MUST_BITE.filter(([from, to]) => problemsIn(text.replaceAll(from, to)).length === 0);
  return [
    ...problemsIn(text),
    ...toothless.map(([from]) => `the check of docker-compose.yml does not notice when "${from}" is gone`),
  ];
}
