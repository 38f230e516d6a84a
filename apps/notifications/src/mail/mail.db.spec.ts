import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { OPTIONS } from '../options/options.js';
import { RaisedRepository } from '../requests/raised.repository.js';
import { ACCOUNT, BRAND, buildKnownEvent, type EventIn, PARTNER } from '../testing/builders.js';
import { MailSystem } from '../testing/mail-system.js';
import { delivered } from '../testing/system.js';
import { MailRepository } from './mail.repository.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 30_000 };
const NOW = (): string => new Date().toISOString();

let mail: MailSystem;
beforeAll(async () => {
  mail = await MailSystem.start();
});
afterAll(() => mail.close());
beforeEach(() => mail.empty());
afterEach(() => mail.rest());

const happens = (over: EventIn = {}, isLate = false) => {
  const event = delivered(buildKnownEvent({ receivedAt: NOW(), ...over }), isLate);
  return mail.system.instance().handle([event]);
};
const settled = (...states: string[]) =>
  eventually(async () => expect(await mail.states()).toEqual(states), WAIT);

describe('mail to the contacts of an account', () => {
  it('goes out for what is on: one mail, with the name of the brand and a way to switch it off', async () => {
    await mail.account('Jo <jo@acme.example>');
    await mail.system.unitOfWork.query(
      "INSERT INTO brand_name VALUES ($1, $2, 'Ächt Backup') ON CONFLICT DO NOTHING",
      [PARTNER, BRAND],
    );
    await mail.work();
    await happens({ message: 'Disk full' });
    await settled('jo@acme.example sent');
    const [received] = mail.smtp.received;
    const header = (name: string) => received?.headers.get(name);
    expect(mail.smtp.received).toHaveLength(1);
    expect(header('from')).toBe('Ächt Backup <alerts@backhaul.example>');
    expect(header('to')).toBe('jo@acme.example');
    expect(header('subject')).toBe('ERROR: Backup failed (backup failed) - ACME-FS01, ACME files');
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('list-unsubscribe')).toContain('<https://portal.example/me/notifications>');
    expect(header('message-id')).toMatch(/^<[0-9a-f-]{36}@backhaul\.example>$/);
    expect(received?.html).toContain('Disk full');
    expect(received?.text).toContain('Disk full');
    expect(received?.text).toContain('acme-fs01 (80202028)');
    // What was told is not kept.
    expect((await mail.mails())[0]?.content).toBeNull();
  });

  it('stays away with all options off, while a rule of the partner opens its ticket (A13, F12)', async () => {
    await mail.account('jo@acme.example');
    await mail.switch(Object.fromEntries(OPTIONS.map(({ key }) => [key, false])));
    await mail.system.createRule();
    await happens();
    expect(await mail.system.tickets()).toHaveLength(1);
    expect(await mail.mails()).toEqual([]);
  });

  it('follows the option of its type, not the rules', async () => {
    await mail.account('jo@acme.example');
    await happens({ type: 'backup.completed' });
    expect(await mail.mails()).toEqual([]);
    await mail.switch({ 'backup.completed': true });
    await happens({ type: 'backup.completed' });
    expect(await mail.states()).toEqual(['jo@acme.example pending']);
    expect(await mail.system.tickets()).toEqual([]);
  });

  it('stays away for late results, without an address, and from another partner', async () => {
    await mail.account('call 0123 456');
    await happens();
    await mail.account('jo@acme.example');
    await happens({}, true);
    await happens({ partnerId: '01920000-0000-7000-8000-000000000002' as PartnerId });
    await happens({ type: 'service.status_update' });
    expect(await mail.mails()).toEqual([]);
  });

  it('is one, however often the event comes and whoever takes it', async () => {
    await mail.account('jo@acme.example');
    const event = delivered(buildKnownEvent({ receivedAt: NOW() }));
    await mail.system.instance().handle([event, event]);
    await mail.system.instance().handle([event]);
    // Even when the inbox has forgotten it.
    await mail.system.unitOfWork.query('TRUNCATE inbox');
    await mail.system.instance().handle([event]);
    await mail.work();
    await settled('jo@acme.example sent');
    await mail.system.unitOfWork.query('TRUNCATE inbox');
    await mail.system.instance().handle([event]);
    await happens({ job: 'another' });
    await settled('jo@acme.example sent', 'jo@acme.example sent');
    expect(mail.smtp.received).toHaveLength(2);
  });

  it('does not exist when the handling of its event fails', async () => {
    await mail.account('jo@acme.example');
    class Fails extends RaisedRepository {
      override write(): Promise<void> {
        return Promise.reject(new Error('connection lost'));
      }
    }
    const event = delivered(buildKnownEvent({ receivedAt: NOW() }));
    await expect(mail.system.instance(new Fails()).handle([event])).rejects.toThrow('connection lost');
    expect(await mail.mails()).toEqual([]);
    expect(await mail.system.unitOfWork.query('SELECT 1 FROM pgboss.job')).toEqual([]);
  });

  it('is sent once each by workers of two processes', async () => {
    await mail.account('jo@acme.example');
    await Promise.all([mail.work(), mail.work()]);
    const batch = Array.from({ length: 40 }, (_, index) =>
      delivered(buildKnownEvent({ receivedAt: NOW(), job: `job ${index}` })),
    );
    await mail.system.instance().handle(batch);
    await eventually(
      async () => expect(new Set(await mail.states())).toEqual(new Set(['jo@acme.example sent'])),
      WAIT,
    );
    const ids = mail.smtp.received.map(({ headers }) => headers.get('message-id'));
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });
});

describe('an SMTP server', () => {
  it('that greylists gets the same mail again until it takes it', async () => {
    await mail.account('jo@acme.example');
    let times = 0;
    mail.smtp.refuseRecipient = () => (++times <= 2 ? { code: 451, text: 'Greylisted' } : null);
    await mail.work();
    await happens();
    await settled('jo@acme.example sent');
    expect(mail.smtp.asked).toHaveLength(3);
    expect((await mail.mails())[0]?.attempts).toBe(3);
  });

  it('that refuses one of two addresses is not asked again, and the other gets its mail once', async () => {
    await mail.account('gone@acme.example, jo@acme.example');
    mail.smtp.refuseRecipient = (address) =>
      address.startsWith('gone') ? { code: 550, text: 'No such user' } : null;
    await mail.work();
    await happens();
    await settled('gone@acme.example bounced', 'jo@acme.example sent');
    const told = await new MailRepository().undeliverable(mail.system.unitOfWork, {
      partnerId: PARTNER,
      accountNo: ACCOUNT,
    });
    expect(told).toMatchObject([{ address: 'gone@acme.example' }]);
    expect(told[0]?.reason).toContain('No such user');
    // Nor for the next event of that day.
    await happens({ job: 'another' });
    await eventually(
      async () => expect((await mail.states()).filter((one) => one.endsWith('pending'))).toEqual([]),
      WAIT,
    );
    expect((await mail.states()).sort()).toEqual([
      'gone@acme.example bounced',
      'gone@acme.example suppressed',
      'jo@acme.example sent',
      'jo@acme.example sent',
    ]);
    expect(mail.smtp.asked.filter((address) => address.startsWith('gone'))).toHaveLength(1);
    expect(mail.smtp.to('jo@acme.example')).toHaveLength(2);
  });

  it('that refuses one mail for its text is asked for the next', async () => {
    await mail.account('jo@acme.example');
    mail.smtp.refuseMail = ({ text }) =>
      text.includes('spam') ? { code: 554, text: 'Looks like spam' } : null;
    await mail.work();
    await happens({ message: 'spam' });
    await settled('jo@acme.example bounced');
    await happens({ job: 'another' });
    await settled('jo@acme.example bounced', 'jo@acme.example sent');
  });

  it('that is down loses nothing: the mail goes out when it is back', async () => {
    await mail.account('jo@acme.example');
    await mail.smtp.close();
    await mail.work();
    await happens();
    await eventually(async () => expect((await mail.mails())[0]?.attempts).toBeGreaterThan(0), WAIT);
    expect(await mail.states()).toEqual(['jo@acme.example pending']);
    await mail.smtp.open();
    await settled('jo@acme.example sent');
    expect(mail.smtp.received).toHaveLength(1);
  });

  it('that nobody named yet finds the mails waiting', async () => {
    await mail.account('jo@acme.example');
    await mail.work(null);
    await happens();
    expect(await mail.states()).toEqual(['jo@acme.example pending']);
    await mail.work();
    await settled('jo@acme.example sent');
  });

  it('gets no news that are three days old', async () => {
    await mail.account('jo@acme.example');
    await happens({ receivedAt: new Date(Date.now() - 4 * 24 * 60 * 60 * 1000).toISOString() });
    await mail.work();
    await settled('jo@acme.example expired');
    expect(mail.smtp.received).toEqual([]);
  });
});

describe('hostile text', () => {
  it('begins no header, is no HTML, turns nothing round and is cut', async () => {
    await mail.account('jo@acme.example\r\nBcc: victim@else.example', {
      username: 'x\r\nBcc: a@b.c',
      accountNo: ACCOUNT,
    });
    await mail.work();
    const message = `<script>alert(1)</script>\u202e{{username}}\r\n.\r\nQUIT\u0000${'x'.repeat(5000)}`;
    const event = buildKnownEvent({ receivedAt: NOW(), message });
    const job = { ...event.job, jobName: 'a\r\nBcc: evil@else.example\r\n\r\n<b>' };
    await mail.system.instance().handle([delivered({ ...event, job })]);
    await eventually(async () => expect(mail.smtp.received).toHaveLength(2), WAIT);
    for (const { headers, text, html, raw } of mail.smtp.received) {
      expect(headers.has('bcc')).toBe(false);
      expect(headers.get('subject')).toBe(
        'ERROR: Backup failed (backup failed) - ACME-FS01, a Bcc: evil@else.example <b>',
      );
      expect(html).not.toContain('<script>');
      expect(html).toContain('&lt;script&gt;alert(1)');
      expect(text).not.toContain('\u202e');
      expect(text).toContain('{{username}}');
      expect(raw.length).toBeLessThan(20_000);
    }
    // What stands in the contact as an address is one, and nothing else is.
    expect(mail.smtp.received.map(({ to }) => to).sort()).toEqual(['jo@acme.example', 'victim@else.example']);
  });
});
