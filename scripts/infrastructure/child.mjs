/** One foreign server (PostgreSQL, Kafka) as a child: logged, stopped in order, never orphaned, orphans of before ended. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A pid is reused sooner or later: only a process that still runs our data folder is ours. */
function runsFor(pid, needle) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(needle);
  } catch {
    return false;
  }
}

/** A supervisor that was killed leaves its server behind; the next one ends it before it starts its own. */
export async function endOrphan(pidFile, needle, signal) {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!pid || !isAlive(pid) || !runsFor(pid, needle)) return;
  process.kill(pid, signal);
  for (let i = 0; i < 60 && isAlive(pid); i += 1) {
    if (i === 40) process.kill(pid, 'SIGKILL');
    await wait(100);
  }
}

/**
 * Runs the server until it ends or somebody asks this process to end.
 * `stopSignal` is the server's own word for an orderly stop; after `stopMs` it is killed.
 */
export function runServer({ file, args, options, pidFile, stopSignal, stopMs }) {
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (pidFile && child.pid) writeFileSync(pidFile, String(child.pid));
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    child.kill(stopSignal);
    setTimeout(() => child.kill('SIGKILL'), stopMs).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (pidFile) rmSync(pidFile, { force: true });
    process.exit(isStopping ? 0 : (code ?? (signal ? 1 : 0)) || 1);
  });
  return { stop };
}
