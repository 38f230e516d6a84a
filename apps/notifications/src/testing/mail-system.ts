import { systemClock, type EventType } from '@backhaul/domain';
import type { AccountPayload } from '@backhaul/messaging';
import { TestSmtp } from '@backhaul/testing';
import { KnownAccountRepository } from '../accounts/known-account.repository.js';
import { MailQueue } from '../mail/mail-queue.js';
import { type MailSettings, startMail } from '../mail/mail-parts.js';
import { OptionsRepository } from '../options/options.repository.js';
import { ACCOUNT, BRAND, CUSTOMER, PARTNER } from './builders.js';
import { TestSystem } from './system.js';

export interface MailRow {
  address: string;
  state: string;
  reason: string | null;
  attempts: number;
  content: unknown;
}

/** The service's parts, with workers that send to a real SMTP server. */
export class MailSystem {
  private readonly workers: MailQueue[] = [];

  private constructor(
    readonly system: TestSystem,
    readonly smtp: TestSmtp,
  ) {}

  static async start(): Promise<MailSystem> {
    return new MailSystem(await TestSystem.start(), await TestSmtp.start());
  }

  /** One process's workers; two calls are two processes. */
  async work(smtpUrl: string | null = this.smtp.url): Promise<void> {
    const settings: MailSettings = {
      databaseUrl: this.system.database.url,
      smtpUrl,
      from: 'alerts@backhaul.example',
      timeoutS: 5,
      publicUrl: 'https://portal.example/',
      serviceTokenKey: 'k'.repeat(32),
    };
    const queue = new MailQueue({ url: settings.databaseUrl, leaseS: 10, role: 'runtime' });
    await queue.start();
    this.workers.push(queue);
    await startMail(queue, this.system.unitOfWork, settings, systemClock);
  }

  async rest(): Promise<void> {
    for (const queue of this.workers.splice(0)) await queue.stop();
  }

  async close(): Promise<void> {
    await this.rest();
    await this.smtp.close();
    await this.system.close();
  }

  async account(contact: string | null, over: Partial<AccountPayload> = {}): Promise<void> {
    const account = {
      partnerId: PARTNER,
      accountNo: ACCOUNT,
      custId: CUSTOMER,
      brandId: BRAND,
      username: 'acme-fs01',
      hostName: null,
      role: 'power-user',
      contact,
      ...over,
    };
    await this.put(account.accountNo, account);
  }

  async forget(accountNo: number): Promise<void> {
    await this.put(accountNo, null);
  }

  private async put(accountNo: number, account: AccountPayload | null): Promise<void> {
    const { database, unitOfWork } = this.system;
    const newest = new Map([[String(accountNo), account]]);
    await unitOfWork.run((tx) =>
      new KnownAccountRepository(database.dataSource).putAcrossTenants(tx, newest),
    );
  }

  async switch(options: Partial<Record<EventType, boolean>>, accountNo = ACCOUNT): Promise<void> {
    const of = { partnerId: PARTNER, accountNo: accountNo };
    await this.system.unitOfWork.run(async (tx) => {
      const repository = new OptionsRepository();
      const { version } = await repository.read(tx, of);
      await repository.write(tx, of, { switched: options, version: version + 1 });
    });
  }

  mails(): Promise<MailRow[]> {
    return this.system.unitOfWork.query<MailRow>(
      'SELECT address, state, reason, attempts, content FROM mail ORDER BY created_at, address',
    );
  }

  async states(): Promise<string[]> {
    return (await this.mails()).map(({ address, state }) => `${address} ${state}`);
  }

  async empty(): Promise<void> {
    await this.system.empty();
    this.smtp.received.length = 0;
    this.smtp.asked.length = 0;
    this.smtp.refuseRecipient = () => null;
    this.smtp.refuseMail = () => null;
  }
}
