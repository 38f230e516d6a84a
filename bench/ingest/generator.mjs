/** Sends reports and measures. One job a line on standard input, one result a line on standard output. */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 5000;
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
let serial = 0;

function report(template) {
  serial += 1;
  return template.replaceAll('@RUN@', `${process.pid}-${serial}-${Date.now()}`);
}

/** A refusal is named once, not counted away. */
const noted = new Set();
function note(reason) {
  if (!noted.has(reason)) process.stderr.write(`refused: ${reason}\n`);
  noted.add(reason);
}

function send({ port, path }, body) {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { agent, host: '127.0.0.1', port, path, method: 'POST', headers, timeout: PATIENCE_MS };
    const call = request(options, (response) => {
      response.resume();
      if (response.statusCode !== 200) note(response.statusCode);
      response.on('end', () => resolve(response.statusCode === 200));
    });
    call.on('timeout', () =>
      call.destroy(Object.assign(new Error('no answer'), { code: 'no answer in 5 s' })),
    );
    call.on('error', (error) => {
      note(error.code);
      resolve(false);
    });
    call.end(body);
  });
}

async function closed({ targets, template, callers, ms }) {
  const latencies = [];
  let failed = 0;
  const end = performance.now() + ms;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      const target = targets[index % targets.length];
      while (performance.now() < end) {
        const at = performance.now();
        if (await send(target, report(template))) latencies.push(performance.now() - at);
        else failed += 1;
      }
    }),
  );
  return summary(latencies, failed, performance.now() - startedAt);
}

/** Latency counts from the moment a report was due, so that a slow server cannot slow its own measurement. */
async function open({ targets, template, rate, ms }) {
  const latencies = [];
  let failed = 0;
  const running = [];
  const startedAt = performance.now();
  const total = Math.floor((rate * ms) / 1000);
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate));
    for (; sent < due; sent += 1) {
      const dueAt = startedAt + (sent / rate) * 1000;
      running.push(
        send(targets[sent % targets.length], report(template)).then((ok) => {
          if (ok) latencies.push(performance.now() - dueAt);
          else failed += 1;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(running);
  return summary(latencies, failed, performance.now() - startedAt);
}

function summary(latencies, failed, elapsedMs) {
  latencies.sort((a, b) => a - b);
  const at = (share) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null;
  return {
    count: latencies.length,
    failed,
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50: at(0.5),
    p99: at(0.99),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const result = job.kind === 'open' ? await open(job) : await closed(job);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
