/** Failures as a partner's own agents post them, by its API key. */
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Answers the status, or the code of the broken connection. */
export function postFailure(system, apiKey, accountNo, job, run) {
  const text = JSON.stringify({
    idempotencyKey: run,
    accountNo,
    job: { kind: 'backup', jobName: job, nativeRunId: run },
    identity: { hostName: `HOST-${accountNo}` },
    outcome: { status: 'failed', message: 'Could not reach the destination.' },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    authorization: `Bearer ${apiKey}`,
  };
  const to = { agent, host: '127.0.0.1', port: system.ports.ingestion, path: '/v1/events', method: 'POST' };
  return new Promise((resolve) => {
    const call = request({ ...to, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    call.once('error', (error) => resolve(error.code));
    call.end(text);
  });
}
