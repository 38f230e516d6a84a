import type { Provider } from './topology.js';

export interface Ticket {
  provider: Provider;
  id: string;
  number: string;
  marker: string | null;
  summary: string;
  isClosed: boolean;
  notes: { text: string }[];
}

/** A line of ConnectWise's Management report. */
export interface ReportEntry {
  managedId: string;
  deviceType: string;
  successfulBackupJobs: number | null;
  failedBackupJobs: number | null;
}

export interface PsaRequest {
  seq: number;
  /** ISO 8601 UTC. */
  at: string;
  provider: Provider;
  operation: string;
  body: unknown;
  /** What it would have been answered; a fault may have hidden it. */
  status: number | null;
}

/** As `POST /admin/faults` takes it. */
export interface PsaFault {
  provider: Provider;
  kind:
    | 'down' | 'hang' | 'drop_reply' | 'truncate' | 'html_200' | 'no_id' | 'status' | 'search_lag' | 'rate_limit' | 'redirect'
    | 'gzip_bomb' | 'huge_body' | 'many_headers' | 'endless'; // prettier-ignore
  match?: string;
  status?: number;
  times?: number;
  /** Seconds or a date. */
  retryAfter?: string;
  /** Of a redirect. */
  location?: string;
  delayMs?: number;
  rate?: number;
  seed?: number;
  when?: 'before' | 'after';
}

/** The operator's side of a running simulator. */
export class SimulatorClient {
  constructor(private readonly url: string) {}

  async tickets(): Promise<Ticket[]> {
    return (await this.ask<{ items: Ticket[] }>('GET', '/admin/tickets')).items;
  }

  /** The Backup Stats entry of that managed id in ConnectWise's Management report. */
  async backupStatistics(managedId: string): Promise<ReportEntry | undefined> {
    const { items } = await this.ask<{ items: ReportEntry[] }>(
      'GET',
      '/admin/connectwise/management-reports',
    );
    return items.find((row) => row.managedId === managedId && row.deviceType === 'BackupStats');
  }

  /** What both PSAs were asked since that request. */
  async requests(after = 0): Promise<PsaRequest[]> {
    return (await this.ask<{ items: PsaRequest[] }>('GET', `/admin/requests?after=${after}`)).items;
  }

  async lastRequest(): Promise<number> {
    return (await this.requests()).at(-1)?.seq ?? 0;
  }

  async fail(...faults: PsaFault[]): Promise<void> {
    for (const fault of faults) await this.ask('POST', '/admin/faults', fault);
  }

  async heal(): Promise<void> {
    await this.ask('DELETE', '/admin/faults');
  }

  /** The fault was limited in number and has struck that often. */
  async hasStruck(): Promise<boolean> {
    return (await this.ask<{ items: unknown[] }>('GET', '/admin/faults')).items.length === 0;
  }

  /** What a person does to a ticket in the PSA itself. */
  async act(provider: Provider, id: string, action: 'close' | 'reopen' | 'delete' | 'move'): Promise<void> {
    await this.ask('POST', `/admin/tickets/${provider}/${id}`, { action });
  }

  /** Sets what the vendors' administrators can set: all switches are in the simulator's `switches.ts`. */
  async set(switches: Record<string, string | boolean>): Promise<void> {
    await this.ask('PUT', '/admin/switches', switches);
  }

  /** Changes a row of a list that tickets refer to, such as a queue. */
  async change(provider: Provider, list: string, id: string, change: object): Promise<void> {
    await this.ask('PATCH', `/admin/catalogue/${provider}/${list}/${id}`, change);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }
}
