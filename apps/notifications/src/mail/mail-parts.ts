import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import { HandlerMails } from '../event-handlers/handler-mails.js';
import { HandlerRunRepository } from '../event-handlers/handler-run.repository.js';
import { MailQueue } from './mail-queue.js';
import { MailRepository } from './mail.repository.js';
import { RuleMails } from './rule-mails.js';
import { SendMailHandler } from './send-mail.handler.js';
import { Smtp } from './smtp.js';

export interface MailSettings {
  databaseUrl: string;
  /** Null: mails wait until there is one. */
  smtpUrl: string | null;
  from: string;
  timeoutS: number;
  publicUrl: string;
  serviceTokenKey: string;
}

/** Job and attempt outlive what SMTP may take by this much. */
const MARGIN_S = 5;
const leaseOf = ({ timeoutS }: MailSettings): number => timeoutS + MARGIN_S;

export const mailQueueOf = (settings: MailSettings): MailQueue =>
  new MailQueue({ url: settings.databaseUrl, leaseS: leaseOf(settings), role: 'runtime' });

/** Sends what waits from now on, or says that it waits. The queue has been started. */
export async function startMail(
  queue: MailQueue,
  unitOfWork: UnitOfWork,
  settings: MailSettings,
  clock: Clock,
): Promise<void> {
  const { smtpUrl, from, timeoutS, publicUrl, serviceTokenKey } = settings;
  if (smtpUrl === null) {
    new Logger('Mail').warn('SMTP_URL is not set: mails are kept in this database and wait for it');
    return;
  }
  const handler = new SendMailHandler(
    unitOfWork,
    new MailRepository(),
    new Smtp(smtpUrl, from, timeoutS),
    {
      publicUrl: publicUrl.replace(/\/+$/, ''),
      domain: from.slice(from.lastIndexOf('@') + 1),
      serviceTokenKey,
      leaseS: leaseOf(settings),
    },
    clock,
    [new RuleMails(clock), new HandlerMails(new HandlerRunRepository())],
  );
  await queue.work((mailId) => handler.handle(mailId));
}
