#!/usr/bin/env node
/**
 * `npm run test:containers`: the last commit, cloned afresh, as containers: up, used, killed, restarted, removed.
 * Needs a Docker engine (26 or newer) with compose and buildx, git, bash, sed and curl. Ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import {
  cleanUp,
  clone,
  compose,
  containerOf,
  containersOf,
  docker,
  eventually,
  inspect,
  lines,
  ports,
  project,
  run,
  seconds,
  takeFreePorts,
} from './containers/installation.mjs';
import { giveUp, root, say } from './toolchain.mjs';

const STORING = [
  'accounts', 'ingestion', 'notifications', 'ticketing-connectwise', 'ticketing-autotask', 'billing-sync-connectwise',
  'billing-sync-autotask',
]; // prettier-ignore
const SERVICES = [...STORING, 'gateway', 'psa-simulator'];
const PROVIDERS = ['connectwise', 'autotask'];
const total = { passed: 0, failed: 0 };

async function check(name, act) {
  const startedAt = performance.now();
  try {
    const found = await act();
    total.passed += 1;
    say(`✓ ${name} (${seconds(startedAt)})${found ? `: ${found}` : ''}`);
  } catch (error) {
    total.failed += 1;
    say(
      `✗ ${name} (${seconds(startedAt)})\n  ${`${error.message} ${error.cause ?? ''}`.replaceAll('\n', '\n  ')}`,
    );
  }
}

async function tickets(provider) {
  const answer = await fetch(
    `http://127.0.0.1:${ports.PSA_SIMULATOR_PORT}/admin/tickets?provider=${provider}`,
    // The other end may be another container the next time.
    { headers: { connection: 'close' } },
  );
  return (await answer.json()).items;
}

/** The state of the one ticket about a job: an account's jobs are told apart by the summary. */
const ticketAbout = (provider, job, isClosed) =>
  eventually(async () => {
    const found = (await tickets(provider)).filter((ticket) => ticket.description.includes(`Job: ${job}\n`));
    assert.equal(found.length, 1, `${provider}: ${found.length} tickets about ${job}`);
    assert.equal(found[0].isClosed, isClosed, `${provider}: ticket about ${job}, closed`);
    return found[0];
  });

const demoLog = () => compose('logs', '--no-log-prefix', 'demo');
const demo = () => JSON.parse(compose('exec', '-T', 'demo', 'cat', '/data/demo.json'));

/** Pasted as printed, from the folder of the clone. */
async function pasteWhatDemoPrints() {
  const commands = [...demoLog().matchAll(/^ {2}(sed .*\|)\n\s+(curl .*)$/gm)].map(
    (match) => `${match[1]}\n${match[2]}`,
  );
  assert.equal(commands.length, 4, 'four commands are printed');
  for (const [index, provider] of PROVIDERS.entries()) {
    const [failure, success] = commands.slice(index * 2);
    const startedAt = performance.now();
    run('bash', '-c', failure);
    const second = new Date().getUTCSeconds();
    const opened = await ticketAbout(provider, 'Nightly files', false);
    say(`  ${provider}: ticket ${opened.number} after ${seconds(startedAt)}, with curl's own start`);
    // A run is known by its time, which these lines tell in whole seconds.
    await eventually(() => assert.notEqual(new Date().getUTCSeconds(), second));
    run('bash', '-c', success);
    await eventually(async () => {
      const closed = await ticketAbout(provider, 'Nightly files', true);
      assert.equal(closed.id, opened.id);
      assert.ok(closed.notes.length > 0, 'a note says why it closed');
    }, 10_000);
  }
  const events = /curl -sS '.*\/events.*/.exec(demoLog())[0];
  assert.equal(JSON.parse(run('bash', '-c', events)).items.length, 4);
}

/** As a good agent: again, until it is taken. */
function report(account, file, job) {
  const now = new Date().toISOString();
  const body = JSON.parse(readFileSync(join(clone, 'docs/examples', file), 'utf8'));
  Object.assign(body.Data, { BeginTime: now, EndTime: now });
  Object.assign(body.Extra, { 'backup-name': job, 'backup-id': job });
  return eventually(async () => {
    const answer = await fetch(
      `http://127.0.0.1:${ports.INGESTION_PORT}/ingest/duplicati/${account.endpointKeys.duplicati}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      },
    );
    assert.ok(answer.ok, `answered ${answer.status}`);
  });
}

/** The main process dies as from a crash; `docker kill` would count as a wish, after which an engine restarts nothing. */
function crash(service) {
  const { State } = containerOf(service);
  const kill = `process.kill(${State.Pid}, 'SIGKILL')`;
  docker('run', '--rm', '--pid=host', '--user=0', '--entrypoint=node', project, '-e', kill);
}

async function surviveCrashOf(service, accounts) {
  const job = `While ${service} crashes`;
  const before = containerOf(service).RestartCount;
  const both = (file) => Promise.all(accounts.map((account) => report(account, file, job)));
  await both('duplicati-failure.json');
  crash(service);
  await Promise.all(PROVIDERS.map((provider) => ticketAbout(provider, job, false)));
  await both('duplicati-success.json');
  await Promise.all(PROVIDERS.map((provider) => ticketAbout(provider, job, true)));
  await eventually(() => {
    const { RestartCount, State } = containerOf(service);
    assert.equal(RestartCount, before + 1, 'restarted once');
    assert.equal(State.Health.Status, 'healthy');
  });
}

function isLocked() {
  for (const { Name, Config, HostConfig } of containersOf()) {
    assert.notEqual(Config.User.replace(/^(root|0)(:.*)?$/, ''), '', `${Name} runs as root`);
    assert.ok(HostConfig.ReadonlyRootfs, `${Name} may write its root`);
    assert.deepEqual(HostConfig.CapDrop, ['ALL'], Name);
    assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true'], Name);
  }
  for (const service of [...SERVICES, 'postgres', 'kafka']) {
    const tried = compose('exec', '-T', service, 'sh', '-c', 'id -u; touch /etc/x 2>&1 || true');
    assert.match(tried, /^[1-9]\d*\n.*Read-only file system/, service);
  }
}

function seesOnlyItsOwn() {
  const keysOf = (service) =>
    lines(compose('exec', '-T', service, 'sh', '-c', 'ls /keys 2>/dev/null || true'));
  assert.deepEqual(keysOf('gateway'), ['service-token.key']);
  assert.deepEqual(keysOf('psa-simulator'), []);
  assert.deepEqual(keysOf('kafka'), []);
  for (const service of ['ingestion', 'notifications'])
    assert.deepEqual(keysOf(service), ['database.url', 'service-token.key']);
  const sql = `
    SELECT d.datname || ' ' || string_agg(r.rolname, ' ' ORDER BY r.rolname)
    FROM pg_database d JOIN pg_roles r ON has_database_privilege(r.oid, d.oid, 'CONNECT')
    WHERE d.datname LIKE 'backhaul%' AND r.rolname LIKE 'backhaul%' GROUP BY d.datname`;
  const reached = lines(compose('exec', '-T', 'postgres', 'psql', '-U', 'postgres', '-Atc', sql));
  // Its owner, who migrates, and its login, who works in it.
  const names = STORING.map((service) => `backhaul_${service.replaceAll('-', '_')}`);
  assert.deepEqual(reached.sort(), names.map((name) => `${name} ${name} ${name}_service`).sort());
}

async function everythingAnswers() {
  for (const path of [
    `${ports.GATEWAY_PORT}/docs`,
    `${ports.GATEWAY_PORT}/api/openapi.json`,
    `${ports.PSA_SIMULATOR_PORT}/`,
  ]) {
    const answer = await fetch(`http://127.0.0.1:${path}`, {
      headers: { authorization: `Bearer ${demo().apiKey}` },
    });
    assert.equal(answer.status, 200, path);
    assert.ok((await answer.text()).length > 100, path);
  }
}

async function stateIsKept() {
  const before = { demo: demo(), tickets: await Promise.all(PROVIDERS.map(tickets)) };
  compose('down');
  compose('up', '--wait');
  assert.deepEqual(demo(), before.demo);
  assert.deepEqual(await Promise.all(PROVIDERS.map(tickets)), before.tickets);
  await report(before.demo.accounts[0], 'duplicati-failure.json', 'After a restart');
  await ticketAbout('connectwise', 'After a restart', false);
}

function nothingIsLeft() {
  const volumes = containersOf().flatMap(({ Mounts }) => Mounts.filter((mount) => mount.Type === 'volume'));
  compose('down', '-v');
  const label = `label=com.docker.compose.project=${project}`;
  for (const kind of ['container', 'volume', 'network'])
    assert.equal(
      docker(kind, 'ls', '-q', ...(kind === 'container' ? ['-a'] : []), '--filter', label),
      '',
      kind,
    );
  const left = new Set(lines(docker('volume', 'ls', '-q')));
  assert.deepEqual(
    volumes.filter(({ Name }) => left.has(Name)),
    [],
  );
}

async function runAll() {
  await takeFreePorts();
  run('git', 'clone', '-q', root, '.');
  say(`• ${run('git', 'log', '-1', '--format=%h %s')}`);
  await check('docker compose builds one image for all', () => {
    compose('build');
    return `${(inspect([project])[0].Size / 1e6).toFixed(0)} MB`;
  });
  await check(
    'docker compose up --build --wait brings everything up healthy',
    () => void compose('up', '--build', '--wait'),
  );
  if (total.failed) return say(run('docker', 'compose', 'logs', '--tail', '20'));
  await check('everything answers from the host', everythingAnswers);
  await check('no container is root, writes its root or has a capability', isLocked);
  await check('each service sees only its own keys and its own database', seesOnlyItsOwn);
  await check(
    'what `docker compose logs demo` prints opens and closes a ticket in both systems',
    pasteWhatDemoPrints,
  );
  const { accounts } = demo();
  for (const service of [...SERVICES, 'kafka', 'postgres'])
    await check(`${service} crashes: it comes back, one ticket each opens and closes`, () =>
      surviveCrashOf(service, accounts),
    );
  await check('docker compose down and up keep all state', stateIsKept);
  await check('docker compose down -v leaves nothing', nothingIsLeft);
}

if (
  spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status !== 0 ||
  spawnSync('docker', ['version'], { stdio: 'ignore' }).status !== 0
)
  giveUp('npm run test:containers needs a Docker engine that answers, with compose and buildx.');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (cleanUp(), process.exit(130)));
try {
  await runAll();
} catch (error) {
  total.failed += 1;
  say(error.stack);
} finally {
  cleanUp();
}
say(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
