import { describe, expect, it } from '@jest/globals';
import { mapFindings } from './map-findings.js';

const customer = (custId: number, psaCompanyId: string | null) => ({
  custId,
  name: `C${custId}`,
  psaCompanyId,
});
const company = (id: string, over = {}) => ({ id, name: id, isDefault: false, isActive: true, ...over });

describe('what is wrong with a customer map', () => {
  it('D6, D34, E13: names what is not mapped, gone, inactive or no customer', () => {
    const customers = [
      customer(1, '10'),
      customer(2, null),
      customer(3, '30'),
      customer(4, '40'),
      customer(5, '50'),
    ];
    const companies = [
      company('10'),
      company('40', { isActive: false }),
      company('50', { problem: 'company_type' }),
    ];
    expect(mapFindings(customers, companies).map(({ level, reason }) => `${level} ${reason}`)).toEqual([
      'warning not_mapped',
      'error company_gone',
      'error company_inactive',
      'warning company_type',
    ]);
  });

  it('names twenty and counts the rest', () => {
    const found = mapFindings(
      Array.from({ length: 50 }, (_, at) => customer(at, null)),
      [],
    );
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toMatchObject({ level: 'warning', message: expect.stringContaining('30 more') });
  });
});
