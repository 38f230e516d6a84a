import { describe, expect, it } from '@jest/globals';
import { localStatistics, patient } from '../testing/ports.js';
import { httpBytes, tcpScript } from '../testing/tcp-script.js';
import { closingStatus, openStatus } from './board-status.js';
import { contains, equals } from './conditions.js';

describe('conditions are quoted and escaped', () => {
  it.each([
    [equals('externalXRef', 'BKABC'), 'externalXRef = "BKABC"'],
    [equals('summary', 'say "hi" or 1=1'), 'summary = "say \\"hi\\" or 1=1"'],
    [equals('summary', 'a\\'), 'summary = "a\\\\"'],
    [equals('summary', 'two\nlines'), 'summary = "two lines"'],
    [equals('company/id', 250), 'company/id = 250'],
    [equals('deletedFlag', false), 'deletedFlag = False'],
    [contains('summary', '[BFF] 100 %'), 'summary contains "[[]BFF] 100 %"'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});

describe('the status that closes or opens on a board', () => {
  const statuses = [
    { id: 1, name: 'New', defaultFlag: true, sortOrder: 2 },
    { id: 2, name: 'Assigned', sortOrder: 1 },
    { id: 3, name: 'Completed', closedStatus: true, sortOrder: 1 },
    { id: 4, name: '>Closed', closedStatus: true, sortOrder: 9 },
    { id: 5, name: 'Closed long ago', closedStatus: true, inactive: true },
  ];
  it.each([
    [undefined, 4],
    [3, 3],
    [1, 4],
    [5, 4],
    [999, 4],
  ])('closing, preferred %p: %i', (preferred, expected) => {
    expect(closingStatus(statuses, preferred)?.id).toBe(expected);
  });

  it.each([
    [undefined, 1],
    [2, 2],
    [4, 1],
  ])('opening, preferred %p: %i', (preferred, expected) => {
    expect(openStatus(statuses, preferred)?.id).toBe(expected);
  });

  it('is null where the board has none', () => {
    expect(closingStatus([{ id: 1, name: 'New' }], undefined)).toBeNull();
    expect(openStatus([{ id: 3, name: 'Closed', closedStatus: true }], undefined)).toBeNull();
  });
});

describe('what the PSA answers to a push of statistics', () => {
  const FIGURES = { successfulBackupJobs: 41, failedBackupJobs: 2 };
  const entry = (id: unknown, deviceType: string) => ({
    id, deviceType, groupIdentifier: 'EFS-34826', managementSolution: { id: 1, name: 'Backhaul' },
  }); // prettier-ignore
  const STATISTICS = entry(2, 'BackupStats');
  const pushTo = async (reads: { entries?: unknown; company?: unknown }, answer: unknown) => {
    const { entries = [entry(1, 'WorkstationsAndServers'), STATISTICS], company = { id: 250 } } = reads;
    const server = await tcpScript((socket, request) => {
      const body = /^PATCH/.test(request)
        ? answer
        : /managementItSolutions/.test(request)
          ? [{ id: 1, name: 'Backhaul' }]
          : /managementSummaryReports/.test(request)
            ? entries
            : company;
      socket.write(httpBytes('200 OK', JSON.stringify(body)));
    });
    const port = localStatistics('connectwise', `http://127.0.0.1:${server.port}`);
    const result: unknown = await port
      ?.push({ custId: 34826, companyId: '250' }, FIGURES, patient())
      .catch((error: unknown) => error);
    await server.close();
    return { result, patches: server.requests.filter((request) => /^PATCH/.test(request)) };
  };

  it('is a success only where the entry comes back with the figures', async () => {
    const { result, patches } = await pushTo({}, { ...STATISTICS, ...FIGURES });
    const before = { successfulBackupJobs: 0, failedBackupJobs: 0 };
    expect(result).toEqual({ state: 'pushed', reportId: '2', before });
    expect(patches).toHaveLength(1);
    expect(patches[0]).toContain('"op":"replace","path":"successfulBackupJobs","value":41');
  });

  it.each([
    ['with nothing changed', STATISTICS, 'definitive', 'change_ignored'],
    [
      'with one of the two',
      { ...STATISTICS, ...FIGURES, failedBackupJobs: 1 },
      'definitive',
      'change_ignored',
    ],
    ['with another entry', { ...STATISTICS, ...FIGURES, id: 3 }, 'unknown', 'no_id'],
    ['with no id', { ...FIGURES }, 'unknown', 'no_id'],
    ['with null', null, 'unknown', 'no_id'],
  ])('is none %s', async (_what, answer, outcome, reason) => {
    expect((await pushTo({}, answer)).result).toMatchObject({ name: 'PsaError', outcome, reason });
  });

  it.each<[what: string, reads: Parameters<typeof pushTo>[0], reason: string]>([
    ['a list that is none', { entries: {} }, 'unreadable_answer'],
    ['an id that is a path', { entries: [entry(1, 'WorkstationsAndServers'), entry('2/../../x', 'BackupStats')] }, 'rejected'],
    ['a deleted company', { company: { id: 250, deletedFlag: true } }, 'not_found'],
  ])('nothing is written after %s', async (_what, reads, reason) => {
    const { result, patches } = await pushTo(reads, STATISTICS);
    expect([result, patches]).toMatchObject([{ reason }, []]);
  }); // prettier-ignore
});
