/** PostgreSQL and Kafka for one run of the tests, on free ports, gone afterwards. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dataDir, giveUp, root } from '../toolchain.mjs';
import { asideOf } from './aside.mjs';
import { freePort } from './free-port.mjs';

function start(script, args, logFile) {
  const log = createWriteStream(logFile);
  const child = spawn(process.execPath, [join(root, 'scripts/infrastructure', script), ...args], {
    env: { ...process.env, BACKHAUL_OWNER_PID: String(process.pid) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  return child;
}

async function until(what, logFile, act) {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > giveUpAt)
        giveUp(
          `${what} did not start (${error.message}). Its log: ${logFile}\n${readFileSync(logFile, 'utf8').slice(-2000)}`,
        );
      await wait(150);
    }
  }
}

async function postgres(dir, logDir) {
  const port = await freePort();
  const logFile = join(logDir, 'test-postgres.log');
  // Tests prove order and atomicity, not that this disk survives a power cut.
  const child = start(
    'postgres.mjs',
    ['--data', join(dir, 'postgres'), '--port', String(port), '--conf', 'fsync=off'],
    logFile,
  );
  const { default: pg } = await import('pg');
  const url = await until('PostgreSQL', logFile, async () => {
    const password = readFileSync(join(dir, 'postgres.password'), 'utf8').trim();
    const address = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const client = new pg.Client({ connectionString: address });
    await client.connect();
    await client.end();
    return address;
  });
  return { child, url };
}

async function kafka(dir, logDir) {
  if (process.env.KAFKA_BROKERS) return { child: null, brokers: process.env.KAFKA_BROKERS };
  const { hasJava, resolveJars, jarsDir, hasDocker, noKafka } = await import('../start/kafka-source.mjs');
  const port = await freePort();
  const logFile = join(logDir, 'test-kafka.log');
  const data = join(dir, 'kafka');
  let child;
  if (hasJava()) {
    resolveJars();
    child = start('kafka.mjs', ['--data', data, '--port', String(port), '--jars', jarsDir], logFile);
  } else if (hasDocker()) {
    child = start('kafka-docker.mjs', ['--data', data, '--port', String(port), '--throw-away'], logFile);
  } else {
    noKafka();
  }
  const { Kafka, logLevel } = await import('kafkajs');
  const brokers = `127.0.0.1:${port}`;
  await until('Kafka', logFile, async () => {
    const admin = new Kafka({
      brokers: [brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    }).admin();
    await admin.connect();
    await admin.listTopics();
    await admin.disconnect();
  });
  return { child, brokers };
}

/** Starts both; `stop()` ends them and removes what they wrote. */
export async function startInfrastructure() {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-test-'));
  const logDir = join(dataDir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const [database, broker] = await Promise.all([postgres(dir, logDir), kafka(dir, logDir)]);
  const stop = async () => {
    const children = [database.child, broker.child].filter(Boolean);
    const ended = children.map((child) => new Promise((done) => child.once('exit', done)));
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(dir, { recursive: true, force: true });
    rmSync(asideOf(dir), { recursive: true, force: true });
  };
  return { env: { TEST_DATABASE_URL: database.url, TEST_KAFKA_BROKERS: broker.brokers }, stop };
}
