import { beforeAll, describe, expect, it } from '@jest/globals';
import { PsaError } from '../psa-error.js';
import type { NewTicket, TicketPort, TicketingOptions } from '../ticket-port.js';
import { buildNewTicket, patient } from './ports.js';

/** What a suite's subject offers besides the port: the other side's view of it. */
export interface PortUnderTest {
  companyId: string;
  portWith(ticketing: TicketingOptions): TicketPort;
  notesOf(id: string): Promise<string[]>;
  /** What a technician does in the PSA itself. */
  asHuman(id: string, action: 'close' | 'reopen' | 'delete' | 'merge', into?: string): Promise<void>;
}

/** Every `TicketPort`, real or fake, behaves like this. */
export function ticketPortContract(name: string, start: () => Promise<PortUnderTest>): void {
  describe(`${name} as a ticket port`, () => {
    let subject: PortUnderTest;
    let port: TicketPort;
    const ticket = (overrides: Partial<NewTicket> = {}): NewTicket =>
      buildNewTicket({ companyId: subject.companyId, ...overrides });

    beforeAll(async () => {
      subject = await start();
      port = subject.portWith({});
    });

    it('creates an open ticket that is found again by its marker and by its id', async () => {
      const wanted = ticket();
      const created = await port.create(wanted, patient());
      expect(created).toMatchObject({ isClosed: false, marker: wanted.marker, mergedInto: null });
      expect(created.number).not.toBe('');
      expect(Date.parse(created.createdAt ?? '')).not.toBeNaN();
      await expect(port.findByMarker(wanted.marker, patient())).resolves.toEqual([created]);
      await expect(port.get(created.id, patient())).resolves.toEqual(created);
    });

    it('finds nothing for a marker that no ticket carries', async () => {
      await expect(port.findByMarker('BKNOSUCHMARKER0000', patient())).resolves.toEqual([]);
    });

    it('finds every ticket with a marker, closed ones too, lowest id first', async () => {
      const wanted = ticket();
      const first = await port.create(wanted, patient());
      const second = await port.create(wanted, patient());
      await port.close(second.id, 'duplicate', patient());
      const found = await port.findByMarker(wanted.marker, patient());
      expect(found.map(({ id, isClosed }) => ({ id, isClosed }))).toEqual([
        { id: first.id, isClosed: false },
        { id: second.id, isClosed: true },
      ]);
    });

    it('closes with a note and reopens with a note', async () => {
      const { id } = await port.create(ticket(), patient());
      await port.addNote(id, 'It failed again.', patient());
      await expect(port.close(id, 'It is well again.', patient())).resolves.toMatchObject({
        id,
        isClosed: true,
      });
      await expect(port.get(id, patient())).resolves.toMatchObject({ isClosed: true });
      await expect(port.reopen(id, 'It failed once more.', patient())).resolves.toMatchObject({
        id,
        isClosed: false,
      });
      expect(await subject.notesOf(id)).toEqual([
        'It failed again.',
        'It is well again.',
        'It failed once more.',
      ]);
    });

    it('leaves a ticket closed that a person closed, and adds the note', async () => {
      const { id } = await port.create(ticket(), patient());
      await subject.asHuman(id, 'close');
      await expect(port.close(id, 'It is well again.', patient())).resolves.toMatchObject({ isClosed: true });
      expect(await subject.notesOf(id)).toEqual(['It is well again.']);
    });

    it('writes a note that is retried only once', async () => {
      const { id } = await port.create(ticket(), patient());
      await port.addNote(id, 'Line one\nLine "two"', patient(), { isRetry: true });
      await port.addNote(id, 'Line one\nLine "two"', patient(), { isRetry: true });
      await port.close(id, 'well', patient());
      await port.close(id, 'well', patient(), { isRetry: true });
      expect(await subject.notesOf(id)).toEqual(['Line one\nLine "two"', 'well']);
    });

    it('says null for a deleted ticket, and refuses to write to it for good', async () => {
      const { id } = await port.create(ticket(), patient());
      await subject.asHuman(id, 'delete');
      await expect(port.get(id, patient())).resolves.toBeNull();
      const writes = [
        () => port.addNote(id, 'x', patient()),
        () => port.close(id, 'x', patient()),
        () => port.reopen(id, 'x', patient()),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ outcome: 'definitive' });
    });

    it('refuses a company that the PSA does not have, for good', async () => {
      const refused = port.create(ticket({ companyId: '999999' }), patient());
      await expect(refused).rejects.toMatchObject({ outcome: 'definitive', reason: 'invalid_field' });
    });

    it.each(['', 'abc', '1/../2', '-1', '1 or 1=1'])('refuses %j as an id without a call', async (id) => {
      await expect(port.get(id, patient())).rejects.toMatchObject({ outcome: 'definitive' });
      await expect(port.addNote(id, 'x', patient())).rejects.toBeInstanceOf(PsaError);
    });

    it('puts the prefix first and cuts the subject, not the prefix (D24)', async () => {
      const summary = `Backup failed ${'ä'.repeat(400)} `;
      const prefixed = subject.portWith({ subjectPrefix: '[BFF] ' });
      await expect(prefixed.create(ticket({ summary }), patient())).resolves.toMatchObject({
        isClosed: false,
      });
    });

    it('takes hostile text as text', async () => {
      const description = '<script>alert(1)</script>\u0000 "quotes" \\ \ud800 end 🎉';
      const { id } = await port.create(ticket({ summary: '" or 1=1 -- <b>\u0000', description }), patient());
      await port.addNote(id, description, patient());
      expect((await subject.notesOf(id))[0]).toContain('<script>');
    });

    it('has a page for people', async () => {
      const { url } = await port.create(ticket(), patient());
      expect(URL.canParse(url ?? '')).toBe(true);
    });

    it('answers the connection test', async () => {
      const check = await port.testConnection(patient());
      expect(check.isOk).toBe(true);
      expect(check.steps.map(({ isOk }) => isOk)).not.toContain(false);
    });

    it('declares what it can do', () => {
      expect(port.capabilities.maxSummary).toBeGreaterThanOrEqual(100);
      expect(port.capabilities.requestTimeoutMs).toBeGreaterThan(0);
      expect(port.capabilities.maxConcurrent).toBeGreaterThan(0);
    });
  });
}
