import type { RunningService } from '../service.js';

const ask = (service: RunningService, path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${service.managementPort}${path}`, { signal: AbortSignal.timeout(5000) });

/** The status of `/health/live` or `/health/ready`; 0 where nobody answers within 5 s. */
export async function healthOf(service: RunningService, which: 'live' | 'ready'): Promise<number> {
  try {
    const answer = await ask(service, `/health/${which}`);
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return 0;
  }
}

/** The sum of a metric over all its labels. */
export async function metricOf(service: RunningService, name: string): Promise<number> {
  const text = await (await ask(service, '/metrics')).text();
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
