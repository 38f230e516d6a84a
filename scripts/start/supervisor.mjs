/** Runs processes by `concurrently`, restarts those that die, keeps a log file of each, and stops them all in time. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createConcurrently, Logger } from 'concurrently';
import { dataDir, root, say } from '../toolchain.mjs';

const logDir = join(dataDir, 'logs');
const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 30_000;
/** A process that ran this long was well: its next restart is quick again. */
const WELL_AFTER_MS = 60_000;

const running = [];
let isStopping = false;

/** What follows the Node binary, by name: no shell stands between a signal and its process. */
const argsByName = new Map();

function spawnPlain(name, options) {
  return spawn(process.execPath, argsByName.get(name), { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

function keepRunning(command, log) {
  let delayMs = FIRST_RESTART_MS;
  command.close.subscribe(({ exitCode, timings }) => {
    log.write(`--- ${command.name} ended (${exitCode})\n`);
    if (isStopping) return;
    delayMs = timings.durationSeconds * 1000 > WELL_AFTER_MS ? FIRST_RESTART_MS : delayMs;
    say(
      `! ${command.name} ended (${exitCode}), starting it again in ${delayMs / 1000} s; its log: ${join(logDir, `${command.name}.log`)}`,
    );
    setTimeout(() => {
      if (!isStopping) command.start();
    }, delayMs);
    delayMs = Math.min(delayMs * 2, LONGEST_RESTART_MS);
  });
}

/** Starts processes, none being allowed: `{ name, args, env }` each, `args` being what follows the Node binary. */
export function supervise(processes) {
  if (!processes.length) return [];
  mkdirSync(logDir, { recursive: true });
  for (const { name, args } of processes) argsByName.set(name, args);
  const silent = new PassThrough();
  silent.resume();
  const { commands, result } = createConcurrently(
    processes.map(({ name, env }) => ({
      name,
      command: name,
      env: { ...env, BACKHAUL_OWNER_PID: String(process.pid), NODE_OPTIONS: '', FORCE_COLOR: '0' },
      cwd: root,
    })),
    {
      spawn: spawnPlain,
      outputStream: silent,
      kill: (pid, signal) => process.kill(pid, signal),
      controllers: [],
      logger: new Logger({}),
    },
  );
  result.catch(() => undefined);
  for (const command of commands) {
    const log = createWriteStream(join(logDir, `${command.name}.log`), { flags: 'a' });
    command.stdout.subscribe((chunk) => log.write(chunk));
    command.stderr.subscribe((chunk) => log.write(chunk));
    keepRunning(command, log);
    running.push(command);
  }
  return commands;
}

export const isUp = (command) => command.state === 'started';

function end(commands, withinMs) {
  const alive = commands.filter(isUp);
  const closed = Promise.all(
    alive.map(
      (command) =>
        new Promise((done) => {
          command.close.subscribe(done);
        }),
    ),
  );
  const send = (signal) => {
    for (const command of alive.filter(isUp)) {
      try {
        process.kill(command.pid, signal);
      } catch {
        // It ended in between.
      }
    }
  };
  send('SIGTERM');
  const killer = setTimeout(() => send('SIGKILL'), withinMs);
  return closed.finally(() => clearTimeout(killer));
}

/** Services first, so that what they still hold reaches Kafka and PostgreSQL; 10 s in all at the most. */
export async function stopAll() {
  if (isStopping) return;
  isStopping = true;
  const isServer = (command) => command.name === 'postgres' || command.name === 'kafka';
  await end(
    running.filter((command) => !isServer(command)),
    4500,
  );
  await end(running.filter(isServer), 4500);
}

export function pidsByName() {
  return Object.fromEntries(running.filter(isUp).map((command) => [command.name, command.pid]));
}
