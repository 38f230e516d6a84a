import { Secret, systemClock } from '@backhaul/domain';
import { exchange, type Call, type Wire } from '../calls/exchange.js';
import { scrubber } from '../calls/scrubber.js';
import { unsent } from '../calls/unsent.js';
import { PsaError } from '../psa-error.js';
import { requestTimeoutMs, type TicketPortOptions } from '../ticket-port.js';
import { connectWiseDialect } from './connectwise.dialect.js';
import type { CompanyInfo } from './connectwise.types.js';

/** Names this product to the vendor; it belongs to the product, not to the partner. */
const CLIENT_ID = '8a0c1f0e-5d0b-4b6e-9a53-0e6b8f3f6d21';
const ACCEPT = 'application/vnd.connectwise.com+json; version=2025.1';
const ON_PREM_CODEBASE = 'v4_6_release/';
const CLOUD_HOST = /(?:^|\.)(?:myconnectwise\.net|connectwisedev\.com)$/;

/** HTTP of one ConnectWise company: base URL, keys, headers. */
export class ConnectWiseClient {
  private readonly wire: Wire;
  private readonly site: URL;
  private readonly companyId: string;
  private readonly headers: Secret<Record<string, string>>;
  private codebase: string | null = null;

  /** @throws PsaError `setting_missing` where the connection is incomplete */
  constructor(options: TicketPortOptions) {
    const { endpoint } = options;
    const secret = options.secret.reveal();
    this.companyId = needed(endpoint['companyId']);
    const publicKey = needed(endpoint['publicKey']);
    const privateKey = needed(secret['privateKey']);
    const keys = Buffer.from(`${this.companyId}+${publicKey}:${privateKey}`).toString('base64');
    this.site = siteOf(needed(endpoint['siteUrl']));
    this.headers = new Secret({
      authorization: `Basic ${keys}`,
      clientid: endpoint['clientId'] ?? CLIENT_ID,
      accept: ACCEPT,
    });
    this.wire = {
      dispatcher: options.dispatcher,
      dialect: connectWiseDialect(scrubber([keys, publicKey, ...Object.values(secret)])),
      timeoutMs: requestTimeoutMs(options),
      now: options.now ?? (() => systemClock.now()),
    };
  }

  get(path: string, query: Record<string, string | number>, signal: AbortSignal): Promise<unknown> {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    // The vendor's parser does not read `+` as a space.
    const text = search.toString().replaceAll('+', '%20');
    return this.call('GET', text === '' ? path : `${path}?${text}`, undefined, signal);
  }

  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.call('POST', path, body, signal);
  }

  patch(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.call('PATCH', path, body, signal);
  }

  /** Asks the login host, without keys. @throws PsaError `company_unknown` */
  async findCompany(signal: AbortSignal): Promise<void> {
    const company = await this.readCompany(signal).catch((error: unknown) => {
      // A site without that page may answer the API all the same.
      if (error instanceof PsaError && error.reason === 'not_found') return undefined;
      throw error;
    });
    if (company === null) throw new PsaError({ outcome: 'credential', reason: 'company_unknown' });
  }

  /** True only where the login host says so: a wrong company is refused with the very answer of a wrong key. */
  async isUnknownCompany(signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.readCompany(signal)) === null;
    } catch (error) {
      if (error instanceof PsaError) return false;
      throw error;
    }
  }

  /** The page on which people read a ticket. */
  ticketUrl(id: number): string {
    const page = 'v4_6_release/services/system_io/Service/fv_sr100_request.rails';
    return `${this.site.href}${page}?service_recid=${id}&companyName=${encodeURIComponent(this.companyId)}`;
  }

  private async call(
    method: Call['method'],
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> {
    const codebase = await this.currentCodebase(signal);
    const send = (base: string): Promise<unknown> =>
      exchange(
        this.wire,
        { method, url: `${this.apiRoot()}${base}apis/3.0${path}`, headers: this.headers.reveal(), body },
        signal,
      );
    try {
      return await send(codebase);
    } catch (error) {
      // A hosted upgrade moves the codebase: its sign is a 404. Once, and only if it really moved.
      if (!this.isCloud() || !(error instanceof PsaError) || error.reason !== 'not_found') throw error;
      const moved = await this.readCodebase(signal);
      if (moved === null || moved === codebase) throw error;
      this.codebase = moved;
      return send(moved);
    }
  }

  private async currentCodebase(signal: AbortSignal): Promise<string> {
    if (!this.isCloud()) return ON_PREM_CODEBASE;
    this.codebase ??= (await this.readCodebase(signal)) ?? ON_PREM_CODEBASE;
    return this.codebase;
  }

  /** Null where the login host cannot tell, or is called something that is no path. */
  private async readCodebase(signal: AbortSignal): Promise<string | null> {
    try {
      const info = (await unsent(() => this.readCompany(signal))) as CompanyInfo | null;
      return /^v[\w.]+\/$/.exec(info?.Codebase ?? '')?.[0] ?? null;
    } catch (error) {
      if (error instanceof PsaError && error.reason === 'not_found') return null;
      throw error;
    }
  }

  private readCompany(signal: AbortSignal): Promise<unknown> {
    const url = `${this.site.href}login/companyinfo/${encodeURIComponent(this.companyId)}`;
    return exchange(this.wire, { method: 'GET', url, headers: {} }, signal);
  }

  private isCloud(): boolean {
    return CLOUD_HOST.test(this.site.hostname);
  }

  /** Cloud answers API calls only under the `api-` name. */
  private apiRoot(): string {
    if (!this.isCloud()) return this.site.href;
    const port = this.site.port === '' ? '' : `:${this.site.port}`;
    return `${this.site.protocol}//api-${this.site.hostname}${port}/`;
  }
}

/** The login host's root, with exactly one slash behind it. */
function siteOf(siteUrl: string): URL {
  const url = URL.canParse(siteUrl) ? new URL(siteUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw missing();
  const path = url.pathname.replace(/\/+$/, '');
  const host = CLOUD_HOST.test(url.hostname) ? url.host.replace(/^api-/, '') : url.host;
  return new URL(`${url.protocol}//${host}${path}/`);
}

function needed(value: string | null | undefined): string {
  if (value === undefined || value === null || value === '') throw missing();
  return value;
}

function missing(): PsaError {
  return new PsaError({ outcome: 'definitive', reason: 'setting_missing' });
}
