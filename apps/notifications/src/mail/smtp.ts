import { createTransport, type Transporter } from 'nodemailer';
import type { RenderedMail } from './templates.js';

export interface OutgoingMail extends RenderedMail {
  messageId: string;
  date: Date;
  fromName: string;
  to: string;
  /** Where whoever gets it may switch such mails off. */
  unsubscribeUrl: string | null;
}

/** `again`: later it may work; `refused`: this mail never will; `bad-address`: no mail to that address will. */
export type MailFailure = 'again' | 'refused' | 'bad-address';

export class SmtpError extends Error {
  override readonly name = 'SmtpError';

  constructor(
    readonly failure: MailFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an error of nodemailer means. A refusal of us (login, sender) is nothing that the receiver decided. */
export function failureOf(error: unknown): MailFailure {
  const {
    responseCode,
    command = '',
    code = '',
  } = error as {
    responseCode?: number;
    command?: string;
    code?: string;
  };
  if (responseCode === undefined || responseCode < 500) return 'again';
  if (command.startsWith('RCPT')) return 'bad-address';
  return command.startsWith('DATA') || code === 'EMESSAGE' ? 'refused' : 'again';
}

/** One connection for each mail; over after `timeoutS`, however slowly the server speaks. */
export class Smtp {
  constructor(
    private readonly url: string,
    private readonly from: string,
    private readonly timeoutS: number,
  ) {}

  /** Resolves once the server has taken the mail over. @throws SmtpError */
  async send(mail: OutgoingMail): Promise<void> {
    const timeout = this.timeoutS * 1000;
    const transport = createTransport({
      url: this.url,
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await within(timeout, this.post(transport, mail));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new SmtpError(failureOf(error), said, { cause: error });
    } finally {
      transport.close();
    }
  }

  private async post(transport: Transporter, mail: OutgoingMail): Promise<void> {
    await transport.sendMail({
      messageId: mail.messageId,
      date: mail.date,
      from: { name: mail.fromName, address: this.from },
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      ...(mail.unsubscribeUrl && { list: { unsubscribe: { url: mail.unsubscribeUrl, comment: 'options' } } }),
    });
  }
}

/** @throws Error after so many milliseconds */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the server took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
