import { describe, expect, it } from '@jest/globals';
import { linkedEntries, managedIdFindings } from './managed-ids.js';

const SERVERS = { id: 1, groupIdentifier: 'EFS-34826', deviceType: 'WorkstationsAndServers' };
const STATISTICS = { id: 2, groupIdentifier: 'EFS-34826', deviceType: 'BackupStats' };
const reasons = (...rows: Parameters<typeof managedIdFindings>[1]): string[] =>
  managedIdFindings(34826, rows).map(({ reason }) => reason);

describe('the managed id of a company', () => {
  it('E42: both entries in order are well', () => {
    expect(reasons(SERVERS, STATISTICS)).toEqual([]);
    expect(reasons(STATISTICS, SERVERS)).toEqual([]);
  });

  it.each(['efs-34826', 'EFS34826', 'EFS-034826', ' EFS-34826', 'EFS_34826'])(
    'E42: %j is flagged',
    (text) => {
      expect(reasons({ ...SERVERS, groupIdentifier: text })).toEqual(['managed_id_spelled']);
    },
  );

  it.each(['EFS-0', 'EFS-34827', 'EFS-', '34826', ''])('E47: %j is another or none', (text) => {
    expect(reasons({ ...SERVERS, groupIdentifier: text })).toEqual(['not_linked']);
  });

  it('E43: names what is missing, and the wrong order', () => {
    expect(reasons(SERVERS)).toEqual(['entry_missing']);
    expect(managedIdFindings(34826, [SERVERS])[0]?.message).toContain('Backup Stats');
    expect(reasons({ ...STATISTICS, id: 1 }, { ...SERVERS, id: 2 })).toEqual(['order']);
  });

  it('E44, E45: an agreement is flagged; what is missing is added elsewhere than one thinks', () => {
    expect(reasons(SERVERS, { ...STATISTICS, agreement: { id: 5 } })).toEqual(['agreement_not_blank']);
    expect(managedIdFindings(34826, [])[0]?.message).toContain('not from the Company screen');
  });

  it('several entries for the statistics are flagged; of the servers there may be more', () => {
    expect(reasons(SERVERS, STATISTICS, { ...STATISTICS, id: 3 })).toEqual(['entry_repeated']);
    expect(reasons(SERVERS, STATISTICS, { ...SERVERS, id: 3 })).toEqual([]);
  });

  it('B20: entries of another management solution are not ours', () => {
    const of = (name: string, setupName = name) => ({ managementSolution: { name, setupName } });
    const [servers, statistics] = [
      { ...SERVERS, ...of('Ours') },
      { ...STATISTICS, ...of('x', 'Ours') },
    ];
    const judged = (...rows: Parameters<typeof managedIdFindings>[1]): unknown => {
      const { findings, statistics: found } = linkedEntries(34826, 'Ours', rows);
      return [findings.map(({ reason }) => reason), found?.id];
    };
    expect(judged(servers, statistics, { ...STATISTICS, id: 9, ...of('Other') })).toEqual([[], 2]);
    expect(judged({ ...SERVERS, ...of('Other') }, STATISTICS)).toEqual([['not_linked'], undefined]);
    expect(judged(servers, { ...STATISTICS, managementSolution: null })).toEqual([
      ['entry_missing'],
      undefined,
    ]);
  });
});
