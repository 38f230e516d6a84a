import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** A mail as the server took it over. */
export interface ReceivedMail {
  to: string;
  /** By lower-case name, unfolded. */
  headers: ReadonlyMap<string, string>;
  /** Whole, as it came. */
  raw: string;
  /** Decoded. */
  text: string;
  html: string;
}

/** What the server says instead of 250. */
export interface Refusal {
  code: number;
  text: string;
}

/** An SMTP server on a real socket. */
export class TestSmtp {
  readonly received: ReceivedMail[] = [];
  /** Every address that was named, also those refused. */
  readonly asked: string[] = [];
  /** Says no to an address. */
  refuseRecipient: (address: string) => Refusal | null = () => null;
  /** Says no after a mail's text. */
  refuseMail: (mail: ReceivedMail) => Refusal | null = () => null;
  private server: SMTPServer | null = null;

  private constructor(private port: number) {}

  static async start(): Promise<TestSmtp> {
    const smtp = new TestSmtp(0);
    await smtp.open();
    return smtp;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Again on the same port, after `close()`. */
  async open(): Promise<void> {
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      closeTimeout: 100,
      onRcptTo: ({ address }, _session, done) => {
        this.asked.push(address);
        done(errorOf(this.refuseRecipient(address)));
      },
      onData: (stream, session, done) => {
        const [to] = session.envelope.rcptTo;
        void this.take(stream, to?.address ?? '').then((refusal) => done(errorOf(refusal)), done);
      },
    });
    server.on('error', () => undefined);
    server.listen(this.port, '127.0.0.1');
    await once(server.server, 'listening');
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server) await new Promise<void>((done) => server.close(() => done()));
  }

  to(address: string): ReceivedMail[] {
    return this.received.filter((mail) => mail.to === address);
  }

  private async take(stream: SMTPServerDataStream, to: string): Promise<Refusal | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString();
    const mail = {
      to,
      raw,
      headers: headersOf(raw),
      text: partOf(raw, 'text/plain'),
      html: partOf(raw, 'text/html'),
    };
    const refusal = this.refuseMail(mail);
    if (!refusal) this.received.push(mail);
    return refusal;
  }
}

function errorOf(refusal: Refusal | null): Error | null {
  return refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code });
}

function headersOf(raw: string): Map<string, string> {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())];
    }),
  );
}

/** RFC 2047. */
const decodedWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_all, kind: string, value: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(value, 'base64').toString()
        : quotedPrintable(value.replaceAll('_', ' ')),
    );

function partOf(raw: string, type: string): string {
  const parts = raw.split(/\r\n--[^\r\n]+\r\n/).slice(1);
  const part = parts.find((one) => one.toLowerCase().startsWith(`content-type: ${type}`)) ?? '';
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const text = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString();
  return /quoted-printable/i.test(head) ? quotedPrintable(text) : text;
}

function quotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
