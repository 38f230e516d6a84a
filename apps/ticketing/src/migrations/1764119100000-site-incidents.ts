import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tickets of site outages are found by the customer: they tell of more accounts than the one that they are kept with. */
export class SiteIncidents1764119100000 implements MigrationInterface {
  readonly name = 'SiteIncidents1764119100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX incident_of_site ON incident (cust_id) WHERE incident_key LIKE '%/site:%'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX incident_of_site');
  }
}
