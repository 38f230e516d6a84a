import type { Clock } from '@backhaul/domain';
import { openFromService } from '@backhaul/http';
import { crashPoint } from '@backhaul/messaging';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { DueMail, MailEnd, MailRepository } from './mail.repository.js';
import { oneLine } from './plain-text.js';
import { type Smtp, SmtpError } from './smtp.js';
import { type MailValues, renderMail } from './templates.js';

export interface SendingSettings {
  /** Where the portal is, without a slash at its end. */
  publicUrl: string;
  /** The domain of the Message-ID. */
  domain: string;
  /** Opens what accounts sealed. */
  serviceTokenKey: string;
  /** Seconds for which an attempt keeps other workers away; longer than SMTP may take. */
  leaseS: number;
}

/** Who waits for mails, and is told in the transaction in which one ends. */
export interface MailWatcher {
  ended(tx: Tx, mailId: string): Promise<void>;
}

const NAME = 'Backhaul';
/** Asked for by a person who is waiting: an old bounce is no reason not to try. */
const NEVER_SUPPRESSED: readonly string[] = ['password-reset'];

/**
 * Sends one mail. The attempt is written down first and the Message-ID never changes. Rather twice than never: a process
 * that dies between the server's 250 and our record sends it again, which receivers fold by that id.
 */
export class SendMailHandler {
  private readonly logger = new Logger('Mail');

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly mails: MailRepository,
    private readonly smtp: Pick<Smtp, 'send'>,
    private readonly settings: SendingSettings,
    private readonly clock: Clock,
    private readonly watchers: readonly MailWatcher[],
  ) {}

  /** @throws SmtpError when it is to be tried again */
  async handle(mailId: string): Promise<void> {
    const mail = await this.mails.begin(this.unitOfWork, mailId, this.settings.leaseS);
    if (mail === null) return;
    if (mail === 'busy') throw new SmtpError('again', 'another worker is sending it');
    const unsent = await this.reasonNotToSend(mail);
    if (unsent) return this.end(mail, unsent.state, unsent.reason);
    crashPoint('mail.before-send');
    try {
      await this.smtp.send(this.outgoing(mail));
    } catch (error) {
      return this.failed(mail, error);
    }
    crashPoint('mail.after-send');
    await this.record(mailId, 'sent', null);
    crashPoint('mail.after-record');
  }

  private async reasonNotToSend(mail: DueMail): Promise<{ state: MailEnd; reason: string } | null> {
    if (mail.expiresAt <= this.clock.now()) return { state: 'expired', reason: 'too old to be sent' };
    if (NEVER_SUPPRESSED.includes(mail.template)) return null;
    const isSuppressed = await this.mails.isSuppressed(this.unitOfWork, mail);
    return isSuppressed
      ? { state: 'suppressed', reason: 'the address refused a mail of the last day' }
      : null;
  }

  /** @throws SmtpError when it is to be tried again */
  private async failed(mail: DueMail, error: unknown): Promise<void> {
    const reason = oneLine(error instanceof Error ? error.message : String(error), 500);
    const failure = error instanceof SmtpError ? error.failure : 'again';
    if (failure !== 'again') return this.end(mail, 'bounced', reason, failure === 'bad-address');
    await this.mails.postpone(this.unitOfWork, mail.mailId, reason);
    this.logger.warn(
      `mail ${mail.mailId} of account ${mail.accountNo} will be tried again: ${unnamed(mail, reason)}`,
    );
    throw error;
  }

  private async end(mail: DueMail, state: MailEnd, reason: string, isAddressBad = false): Promise<void> {
    const { mailId, accountNo } = mail;
    await this.record(mailId, state, reason, isAddressBad);
    this.logger.warn(`mail ${mailId} of account ${accountNo} is ${state}: ${unnamed(mail, reason)}`);
  }

  private async record(
    mailId: string,
    state: MailEnd,
    reason: string | null,
    isAddressBad = false,
  ): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.mails.end(tx, mailId, state, reason, isAddressBad);
      for (const watcher of this.watchers) await watcher.ended(tx, mailId);
    });
  }

  private outgoing(mail: DueMail) {
    const { publicUrl, domain } = this.settings;
    const brand = oneLine(mail.brandName ?? NAME, 100);
    const optionsUrl = `${publicUrl}/me/notifications`;
    const { sealed, ...content } = mail.content;
    const values: MailValues = { ...content, brand, optionsUrl, ...this.opened(mail.mailId, sealed ?? null) };
    return {
      ...renderMail(mail.template, values),
      messageId: `<${mail.mailId}@${domain}>`,
      date: mail.createdAt,
      fromName: brand,
      to: mail.address,
      unsubscribeUrl: mail.template === 'event' ? optionsUrl : null,
    };
  }

  /** In the fragment, which neither a server's log nor a Referer ever holds. */
  private opened(mailId: string, sealed: string | number | null): { resetUrl?: string } {
    if (typeof sealed !== 'string') return {};
    const [purpose = '', id = '', text = ''] = sealed.split('|');
    const token = openFromService(this.settings.serviceTokenKey, purpose, id, text);
    if (token === null)
      throw new SmtpError('refused', `what ${mailId} is to tell does not open with our key`);
    return { resetUrl: `${this.settings.publicUrl}/password-reset#${token}` };
  }
}

/** For the log, which names nobody. */
const unnamed = ({ address }: DueMail, reason: string): string => reason.replaceAll(address, '[address]');
