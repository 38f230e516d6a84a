import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { TestSmtp } from '../../smtp.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

/** What the mail server does with a contact's mail, by who the contact is. */
const CONTACTS = ['down', 'greylisted', 'later', 'unknown', 'refused'] as const;
type Contact = (typeof CONTACTS)[number];
const TRIES = 3;

const addressOf = (contact: Contact): string => `${contact}@row52.example`;
const KNOWN = 'SELECT 1 FROM known_account WHERE account_no = $1 AND contact = $2';
const MAIL = 'SELECT mail_id AS id, state, attempts, reason FROM mail WHERE address = $1';

interface Mail {
  id: string;
  state: string;
  attempts: number;
  reason: string | null;
}

async function mailTo({ stores }: System, contact: Contact): Promise<Mail | null> {
  const mails = await stores.query<Mail>('notifications', MAIL, [addressOf(contact)]);
  if (mails.length > 1) throw new Error(`${mails.length} mails to ${contact}`);
  return mails[0] ?? null;
}

/** Waits until its one mail is in that state. */
function untilMail(system: System, contact: Contact, state: string): Promise<Mail> {
  const look = async (): Promise<Mail | false> => {
    const mail = await mailTo(system, contact);
    return mail?.state === state && mail;
  };
  return eventually(look, { timeoutMs: 120_000 });
}

/** The contact that is to hear of the account's failures, or nobody. */
async function setContact(system: System, index: number, contact: string | null): Promise<void> {
  const { accountNo } = system.account('connectwise', index);
  const path = `/accounts/${accountNo}`;
  const { etag } = await system.partner.call('GET', path);
  const answer = await system.partner.call('PATCH', path, { contact }, etag);
  assert.equal(answer.status, 200);
  if (contact !== null) await system.stores.until('notifications', KNOWN, { params: [accountNo, contact] });
}

export const row: FaultRow = {
  number: 52,
  fault: 'the mail server is down, greylists, answers 4xx or 5xx to the address or to the mail',
  expected:
    'what may work later is tried again as the same mail, with the same Message-ID; what never will is a bounce, and asked for once; tickets do not wait for it',
  promises: ['P2', 'P9'],
  group: 'psas',
  smaller: 'apps/notifications/src/mail/mail.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const smtp = await TestSmtp.start();
    const ids = new Map<string, Set<string | undefined>>();
    const seen = (address: string): number => smtp.asked.filter((asked) => asked === address).length;
    try {
      await system.fleet.restart('notifications', { SMTP_URL: smtp.url, SMTP_TIMEOUT_S: '5' });
      for (const [index, contact] of CONTACTS.entries()) await setContact(system, index, addressOf(contact));

      phase('inject');
      smtp.refuseRecipient = (address) => {
        if (address === addressOf('unknown')) return { code: 550, text: 'No such user' };
        const isEarly = address === addressOf('greylisted') && seen(address) < TRIES;
        return isEarly ? { code: 451, text: 'Greylisted' } : null;
      };
      smtp.refuseMail = ({ to, headers }) => {
        ids.set(to, (ids.get(to) ?? new Set()).add(headers.get('message-id')));
        if (to === addressOf('refused')) return { code: 554, text: 'Looks like spam' };
        return to === addressOf('later') && seen(to) < TRIES ? { code: 452, text: 'Disk full' } : null;
      };
      await smtp.close();
      for (const [index, contact] of CONTACTS.entries())
        await system.report(system.account('connectwise', index), 'failure', `Row52-${contact}`);

      phase('expect');
      for (const contact of CONTACTS) await system.ticket(`Row52-${contact}`, 'open');
      for (const contact of CONTACTS) {
        await eventually(async () => ((await mailTo(system, contact))?.attempts ?? 0) > 0, {
          timeoutMs: 60_000,
        });
        assert.equal((await mailTo(system, contact))?.state, 'pending');
      }
      await smtp.open();
      for (const contact of ['down', 'greylisted', 'later'] as const) {
        const { id } = await untilMail(system, contact, 'sent');
        assert.equal(smtp.to(addressOf(contact)).length, 1);
        assert.deepEqual([...(ids.get(addressOf(contact)) ?? [])].map((one) => one?.split('@')[0]), [`<${id}`]); // prettier-ignore
      }
      assert.deepEqual([seen(addressOf('greylisted')), seen(addressOf('later'))], [TRIES, TRIES]);
      for (const contact of ['unknown', 'refused'] as const) {
        const { reason } = await untilMail(system, contact, 'bounced');
        assert.match(reason ?? '', contact === 'unknown' ? /No such user/ : /Looks like spam/);
        assert.equal(seen(addressOf(contact)), 1);
      }
      measured('mails taken, bounced', `${smtp.received.length}, 2`);

      phase('heal');
      for (const index of CONTACTS.keys()) await setContact(system, index, null);
    } finally {
      await smtp.close();
    }
    await system.fleet.restart('notifications');
    for (const [index, contact] of CONTACTS.entries())
      await system.report(system.account('connectwise', index), 'success', `Row52-${contact}`);
    await invariants();
  },
};
