import type { Stores } from './stores.js';
import type { StoreName } from './topology.js';

/** What is written down of a change to a connection. */
export interface DiaryWords {
  /** The table. */
  name: string;
  /** Beside `seq`: the type of each column, and its value in words of SQL about OLD and NEW. */
  columns: Readonly<Record<string, readonly [type: string, value: string]>>;
  /** Which changes. */
  when: string;
}

/** Changes to a connection, written down by PostgreSQL in the transaction that makes them. */
export class ConnectionDiary {
  constructor(
    private readonly words: DiaryWords,
    private readonly stores: Stores,
    private readonly store: StoreName,
  ) {}

  async begin(): Promise<void> {
    const { name, columns, when } = this.words;
    const defined = Object.entries(columns).map(([column, [type]]) => `${column} ${type}`);
    const values = Object.values(columns).map(([, value]) => value);
    await this.query(`
      CREATE TABLE ${name} (seq int GENERATED ALWAYS AS IDENTITY, ${defined.join(', ')});
      CREATE FUNCTION keep_${name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO ${name} (${Object.keys(columns).join(', ')}) VALUES (${values.join(', ')});
          RETURN NEW;
        END $$;
      CREATE TRIGGER ${name} BEFORE UPDATE ON psa_connection FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION keep_${name}()`);
  }

  async end(): Promise<void> {
    const { name } = this.words;
    await this.query(
      `DROP TRIGGER ${name} ON psa_connection; DROP FUNCTION keep_${name}; DROP TABLE ${name}`,
    );
  }

  query<R>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.stores.query<R>(this.store, sql, params);
  }
}
