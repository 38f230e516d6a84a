import { type BrandId, systemClock, uuidv7 } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { ahsayList, ahsayRow } from '../adapters/ahsay/testing/fixtures.js';
import type { SearchKind } from '../saved-searches/search-kinds.js';
import { ACCOUNT_NO, CUST_ID, Running } from './running.js';

export type Row = Record<string, string | number | null>;

export interface Results {
  columns: string[];
  items: Row[];
  nextCursor: string | null;
  total?: number;
  totalIsExact?: boolean;
  searchedTo?: string;
}

export interface Search {
  id: string;
  columns: string[];
}

export const [SERVER_NO, NORTH_NO, NORTH_CUST] = [ACCOUNT_NO + 1, ACCOUNT_NO + 10, CUST_ID + 1];
export const ODD_NAME = '=HYPERLINK("x"), "quoted"\nand more';
export const NORTH_BRAND = uuidv7(3) as BrandId;
/** Who sees the customer in the north alone. */
export const NORTH: Partial<Identity> = { brandId: NORTH_BRAND };
const HOUR_MS = 3_600_000;

/** The service whole, with jobs of five agents on three accounts, reported the real way. */
export class SearchWorld {
  private constructor(readonly running: Running) {}

  static async start(): Promise<SearchWorld> {
    const world = new SearchWorld(await Running.start());
    await world.seed();
    await world.reportAll();
    return world;
  }

  save(body: object, who: Partial<Identity> = {}, headers: Record<string, string> = {}): Promise<Response> {
    const search = { name: 'A search', all: [], ...body };
    return this.running.apiAs(who, 'POST', '/saved-searches', search, headers);
  }

  /** @throws Error for what is refused */
  async saved(body: object, who: Partial<Identity> = {}): Promise<Search> {
    const answer = await this.save(body, who);
    if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Search;
  }

  /** @throws Error for what is refused */
  async resultsOf({ id }: Search, query = '', who: Partial<Identity> = {}): Promise<Results> {
    const answer = await this.running.apiAs(who, 'GET', `/saved-searches/${id}/results${query}`);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Results;
  }

  async rowsOf(kind: SearchKind, all: object[] = [], who: Partial<Identity> = {}): Promise<Row[]> {
    return (await this.resultsOf(await this.saved({ kind, all }, who), '', who)).items;
  }

  private async seed(): Promise<void> {
    const { running } = this;
    const { partnerId } = running;
    await running.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [
      partnerId,
      NORTH_BRAND,
      [NORTH_BRAND],
    ]);
    await running.query("INSERT INTO customer VALUES ($1, $2, $3, 'North Ltd')", [
      partnerId,
      NORTH_CUST,
      NORTH_BRAND,
    ]);
    await running.query("INSERT INTO account VALUES ($1, $2, $3, $4, 'north', 'NORTH-SRV')", [
      NORTH_NO,
      partnerId,
      NORTH_CUST,
      NORTH_BRAND,
    ]);
  }

  private async reportAll(): Promise<void> {
    await this.reportAhsay();
    await this.report(SERVER_NO, 'asigra', {
      identity: { hostName: 'ACME-SRV01', machineClass: 'server' },
      job: { nativeJobId: 'DS-1', jobName: ODD_NAME },
      timing: { startedAt: agoIso(2), endedAt: agoIso(1) },
      outcome: { status: 'failed', message: 'DS-Client is away' },
      bytes: { uploaded: 12, storedAfter: 5_000_000_000 },
      counts: { warnings: 2, errors: 3 },
    });
    await this.report(SERVER_NO, 'shadowprotect', {
      identity: { hostName: 'acme-srv01', machineClass: 'server' },
      job: { nativeJobId: 'C', jobName: 'C:\\ (System)' },
      outcome: { status: 'success' },
      bytes: { storedAfter: 7 },
    });
    // What it adds of its own has the names of ours, and is none of it.
    const own = { bytes: { storedAfter: 666 }, counts: { errors: 7 }, timing: { startedAt: agoIso(9) } };
    await this.report(NORTH_NO, 'asigra', {
      identity: { hostName: 'NORTH-SRV', machineClass: 'server' },
      job: { nativeJobId: 'DS-2', jobName: 'North set' },
      outcome: { status: 'success_with_warnings' },
      extra: { ...own, source: { agent: 'ahsay' }, machineClass: 'workstation' },
    });
    await this.report(NORTH_NO, 'generic', {
      identity: { hostName: 'NORTH-WS', machineClass: 'workstation' },
      job: { nativeJobId: 'G', jobName: 'Going' },
      outcome: { phase: 'started', status: 'running' },
    });
    const verify = { nativeJobId: 'V', kind: 'verify' };
    await this.report(NORTH_NO, 'restic', { job: verify, outcome: { status: 'failed' } });
    await this.report(NORTH_NO, 'restic', { job: { nativeJobId: 'R' }, outcome: { status: 'success' } });
  }

  private async reportAhsay(): Promise<void> {
    const { key } = await this.running.endpoint('ahsay');
    const at = systemClock.now().toISOString().slice(0, 19).replace('T', ' ');
    const row = ahsayRow({ StartTime: at, EndTime: at, UploadSize: '734003' });
    const body = JSON.stringify(ahsayList([row], { zone: 'UTC' }));
    const answer = await this.running.post(`/ingest/ahsay/${key}`, body);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  }

  private async report(accountNo: number, agent: string, event: object): Promise<void> {
    const { key } = await this.running.endpoint('generic', { accountNo });
    const body = JSON.stringify({ source: { agent }, ...event });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await this.running.post('/v1/events', body, headers);
    if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  }
}

const agoIso = (hours: number): string =>
  new Date(systemClock.now().getTime() - hours * HOUR_MS).toISOString();
