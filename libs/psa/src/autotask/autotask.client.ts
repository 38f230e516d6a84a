import { Secret, systemClock } from '@backhaul/domain';
import { exchange, type Call, type Wire } from '../calls/exchange.js';
import { scrubber } from '../calls/scrubber.js';
import { unsent } from '../calls/unsent.js';
import { PsaError } from '../psa-error.js';
import { requestTimeoutMs, type TicketPortOptions } from '../ticket-port.js';
import { autotaskDialect } from './autotask.dialect.js';
import type { ZoneRecord } from './autotask.types.js';

const DISCOVERY = 'https://webservices.autotask.net/atservicesrest/';
const VENDOR_HOST = /(?:^|\.)autotask\.net$/;

interface Zone {
  /** Ends in a slash; the version follows. */
  url: string;
  webUrl: string | null;
}

/** HTTP of one Autotask database: zone, keys, headers. */
export class AutotaskClient {
  private readonly wire: Wire;
  private readonly username: string;
  private readonly headers: Secret<Record<string, string>>;
  /** Where zones are asked for: the vendor's, or the partner's own address. */
  private readonly discovery: string;
  private zone: Zone | null;

  /** @throws PsaError `setting_missing` where the connection is incomplete */
  constructor(options: TicketPortOptions) {
    const { endpoint } = options;
    const secret = options.secret.reveal();
    this.username = needed(endpoint['username']);
    const password = needed(secret['password']);
    const trackingIdentifier = needed(secret['trackingIdentifier']);
    const apiUrl = endpoint['apiUrl'] ?? '';
    this.discovery = apiUrl === '' ? DISCOVERY : withSlash(apiUrl);
    this.zone = apiUrl === '' ? null : { url: this.discovery, webUrl: webUrlOf(this.discovery) };
    this.headers = new Secret({
      username: this.username,
      secret: password,
      apiintegrationcode: trackingIdentifier,
      accept: 'application/json',
      'content-type': 'application/json',
    });
    this.wire = {
      dispatcher: options.dispatcher,
      dialect: autotaskDialect(scrubber(Object.values(secret))),
      timeoutMs: requestTimeoutMs(options),
      now: options.now ?? (() => systemClock.now()),
    };
  }

  get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.call('GET', path, undefined, signal);
  }

  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.call('POST', path, body, signal);
  }

  patch(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.call('PATCH', path, body, signal);
  }

  /** Asks which zone the database is in, without keys. @throws PsaError */
  async findZone(signal: AbortSignal): Promise<void> {
    await this.readZone(signal).catch((error: unknown) => {
      // An address of the partner's own need not know of zones.
      if (!(error instanceof PsaError) || error.reason !== 'not_found') throw error;
    });
  }

  /** A further page, as a query's answer linked it: the keys go to the zone itself alone. @throws PsaError */
  async postNext(nextPageUrl: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const next = URL.canParse(nextPageUrl) ? new URL(nextPageUrl) : null;
    const zone = new URL(this.zone?.url ?? this.discovery);
    if (next?.origin !== zone.origin) throw new PsaError({ outcome: 'unknown', reason: 'redirected' });
    const call: Call = { method: 'POST', url: next.href, headers: this.headers.reveal(), body };
    return exchange(this.wire, call, signal);
  }

  /** The page on which people read a ticket, once the zone is known. */
  ticketUrl(id: number): string | null {
    const webUrl = this.zone?.webUrl ?? null;
    const page = 'Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=';
    return webUrl === null ? null : `${webUrl}${page}${id}`;
  }

  private async call(
    method: Call['method'],
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> {
    this.zone ??= await this.readZone(signal);
    const { url } = this.zone;
    const send = (base: string): Promise<unknown> =>
      exchange(
        this.wire,
        { method, url: `${base}V1.0${path}`, headers: this.headers.reveal(), body },
        signal,
      );
    try {
      return await send(url);
    } catch (error) {
      // A database that moved to another zone answers 401 at the old one. Once, and only if it really moved.
      if (!(error instanceof PsaError) || error.reason !== 'unauthorized') throw error;
      const moved = await this.readZone(signal).catch(() => null);
      if (moved === null || moved.url === url) throw error;
      this.zone = moved;
      return send(moved.url);
    }
  }

  private async readZone(signal: AbortSignal): Promise<Zone> {
    const url = `${this.discovery}v1.0/zoneInformation?user=${encodeURIComponent(this.username)}`;
    const headers = { accept: 'application/json' };
    const zone = (await unsent(() =>
      exchange(this.wire, { method: 'GET', url, headers }, signal),
    )) as ZoneRecord | null;
    const found = typeof zone?.url === 'string' && URL.canParse(zone.url) ? new URL(zone.url) : null;
    if (found === null || !this.mayTakeKeys(found))
      throw new PsaError({ outcome: 'not_sent', reason: 'unreachable' });
    return {
      url: withSlash(found.href),
      webUrl: webUrlFrom(zone?.webUrl) ?? webUrlOf(found.href),
    };
  }

  /** The keys go only to the vendor, or to the host that the partner named. */
  private mayTakeKeys(url: URL): boolean {
    if (url.origin === new URL(this.discovery).origin) return true;
    return url.protocol === 'https:' && VENDOR_HOST.test(url.hostname);
  }
}

/** Only what a browser may follow. */
function webUrlFrom(url: string | undefined): string | null {
  return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)
    ? `${url.replace(/\/+$/, '')}/`
    : null;
}

/** `webservices5` serves the API, `ww5` the people; an other host serves both. */
function webUrlOf(apiUrl: string): string {
  const { protocol, hostname, href } = new URL(apiUrl);
  const zone = /^webservices(\w+)\.autotask\.net$/.exec(hostname)?.[1];
  return zone === undefined ? href : `${protocol}//ww${zone}.autotask.net/`;
}

/** People paste the address with its version, or the bare host of the vendor. */
function withSlash(url: string): string {
  if (!URL.canParse(url)) throw missing();
  const { hostname, pathname } = new URL(url);
  const base = `${url.replace(/\/+$/, '').replace(/\/v1\.0$/i, '')}/`;
  return VENDOR_HOST.test(hostname) && pathname === '/' ? `${base}ATServicesRest/` : base;
}

function needed(value: string | null | undefined): string {
  if (value === undefined || value === null || value === '') throw missing();
  return value;
}

function missing(): PsaError {
  return new PsaError({ outcome: 'definitive', reason: 'setting_missing' });
}
