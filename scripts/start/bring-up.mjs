/** The order in which the system comes up, a line of progress for each step. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dataDir, root, say } from '../toolchain.mjs';
import { createDatabases, databaseUrl, postgresProcess, serviceUrl } from './database.mjs';
import { brokers, kafkaProcess } from './kafka-source.mjs';
import { databases, entryOf, environmentOf, managementPort, migrationOf, serviceNames } from './services.mjs';
import { isUp, supervise } from './supervisor.mjs';
import { seedDemo } from './seed.mjs';

const startedAt = performance.now();
const step = (text) => say(`• ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);

/** Runs one of our programs to its end; its words are shown only when it fails. */
function run(name, file, env, args = []) {
  return new Promise((done, fail) => {
    let output = '';
    const child = spawn(process.execPath, [file, ...args], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) => (code === 0 ? done(output) : fail(new Error(`${name} failed:\n${output}`))));
  });
}

async function createTopics(env) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('Creating the topics', join(root, 'libs/messaging/dist/create-topics.main.js'), env);
      return;
    } catch (error) {
      if (attempt === 20)
        throw new Error(`${error.message}\nKafka's log: ${join(dataDir, 'logs/kafka.log')}`, {
          cause: error,
        });
      await wait(500);
    }
  }
}

async function isReady(name) {
  try {
    const answer = await fetch(`http://127.0.0.1:${managementPort(name)}/health/ready`, {
      signal: AbortSignal.timeout(1000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

async function waitUntilReady(commands) {
  const until = performance.now() + 90_000;
  for (const command of commands) {
    while (!(await isReady(command.name))) {
      if (performance.now() > until) {
        throw new Error(
          `${command.name} is not ready${isUp(command) ? '' : ' (it does not run)'}. Its log: ${join(dataDir, 'logs', `${command.name}.log`)}`,
        );
      }
      await wait(150);
    }
  }
}

export async function bringUp({ isDemo, build, requireFreePorts, secretFiles }) {
  step('building');
  build();
  const servers = [postgresProcess(), kafkaProcess()].filter(Boolean);
  await requireFreePorts(servers.map((server) => server.name));
  const secrets = secretFiles();
  const envOf = (name) =>
    environmentOf(name, {
      brokers: brokers(),
      serviceUrl: (database) => serviceUrl(database, secrets.databasePassword),
      secrets,
    });
  const ownerEnvOf = (name) => ({ ...envOf(name), MIGRATION_DATABASE_URL: databaseUrl(databases[name]) });

  step(
    `starting ${servers.map((server) => server.name).join(' and ') || 'nothing: PostgreSQL and Kafka are given'}`,
  );
  supervise(servers);
  await createDatabases();
  step('migrating the databases');
  await Promise.all(
    Object.keys(databases).map((name) => run(`Migrating ${name}`, migrationOf(name), ownerEnvOf(name))),
  );
  step('creating the topics');
  await createTopics({ KAFKA_BROKERS: brokers(), KAFKA_TOPIC_PREFIX: process.env.KAFKA_TOPIC_PREFIX ?? '' });

  step(`starting ${serviceNames.join(', ')}`);
  const telemetry = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? ['--import', join(root, 'libs/telemetry/otel.mjs')]
    : [];
  const lifeline = [
    '--import',
    join(root, 'scripts/infrastructure/lifeline.mjs'),
    '--disable-warning=TimeoutNegativeWarning',
  ];
  const commands = supervise(
    serviceNames.map((name) => ({
      name,
      args: ['--disable-proto=delete', ...lifeline, ...telemetry, entryOf(name)],
      env: envOf(name),
    })),
  );
  await waitUntilReady(commands);
  if (isDemo) {
    step('demo partner');
    const program = (file, ...args) =>
      run(`Running ${file}`, join(root, 'apps/accounts/dist', file), envOf('accounts'), args);
    await seedDemo({
      createPartner: (name) => program('create-partner.js', '--name', name),
      createOperator: (username) => program('create-operator.js', '--username', username),
    });
  }
  step('ready');
}
