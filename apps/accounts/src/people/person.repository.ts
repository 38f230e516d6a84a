import type { AccountNo } from '@backhaul/domain';
import { PLATFORM, Problem } from '@backhaul/http';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { Person } from './person.js';

/** Of one name in all partners; more would make every wrong password cost that many hashes. */
const MOST_OF_ONE_NAME = 5;

const FACTORS = `
  p.has_short_password AS "hasShortPassword",
  EXISTS (SELECT 1 FROM totp f WHERE f.person_id = p.person_id AND f.is_confirmed) AS "hasSecondFactor",
  EXISTS (SELECT 1 FROM passkey k WHERE k.person_id = p.person_id) AS "hasPasskey"`;

/** The brand `b` of the account `a`, or one above it, demands a second factor; a program could show none. */
const IS_FACTOR_REQUIRED = `a.role <> 'partner-api' AND EXISTS (
  SELECT 1 FROM brand d WHERE d.partner_id = b.partner_id AND d.brand_id = ANY (b.path) AND d.require_second_factor)`;

/**
 * Everybody who can log in, those of suspended partners included, so that they can be told why they are not let in. A condition on it is pushed down into both halves. A role holds below the brand in which it
 * was given, wherever the customer moves (A24); end users go along with theirs.
 */
const PEOPLE = `(
  SELECT p.person_id AS "personId", a.account_no::float8 AS "accountNo", NULL::uuid AS "operatorId", a.partner_id AS "partnerId",
    t.name AS "partnerName", t.is_suspended AS "isSuspended", t.allows_impersonation AS "allowsImpersonation", CASE WHEN b.parent_id IS NOT NULL THEN b.brand_id END AS "brandId", a.username, a.role, a.password_hash AS "passwordHash", a.contact,
    ${IS_FACTOR_REQUIRED} AS "isSecondFactorRequired", ${FACTORS}
  FROM person p
  JOIN account a ON a.account_no = p.account_no
  JOIN customer c ON c.partner_id = a.partner_id AND c.cust_id = a.cust_id
  JOIN brand b ON b.partner_id = c.partner_id AND b.brand_id = CASE a.role WHEN 'power-user' THEN c.brand_id ELSE a.scope_brand_id END
  JOIN partner t ON t.partner_id = a.partner_id
  UNION ALL
  SELECT p.person_id, NULL, o.operator_id, '${PLATFORM}', 'Backhaul', false, false, NULL, o.username, 'platform-operator', o.password_hash,
    coalesce(o.contact, CASE WHEN o.username LIKE '%_@_%' THEN o.username END), false, ${FACTORS}
  FROM person p JOIN operator o ON o.operator_id = p.operator_id
) people`;

/** Logging in comes before any scope, so everything here looks across partners. */
export class PersonRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Usernames are unique within a partner only; those who are let in come first. */
  async findAcrossTenants(username: string): Promise<Person[]> {
    await this.unitOfWork.query(
      `INSERT INTO person (account_no) SELECT account_no FROM account a
       WHERE lower(a.username) = lower($1) AND NOT EXISTS (SELECT 1 FROM person p WHERE p.account_no = a.account_no)
       ON CONFLICT DO NOTHING`,
      [username],
    );
    return this.unitOfWork.query<Person>(
      `SELECT * FROM ${PEOPLE} WHERE lower(username) = lower($1) ORDER BY "isSuspended", "accountNo" LIMIT ${MOST_OF_ONE_NAME}`,
      [username],
    );
  }

  async find(personId: string, tx: Pick<Tx, 'query'> = this.unitOfWork): Promise<Person | null> {
    const [person] = await tx.query<Person>(`SELECT * FROM ${PEOPLE} WHERE "personId" = $1`, [personId]);
    return person ?? null;
  }

  /** The person of an account; made with the first question. */
  async ofAccount(accountNo: AccountNo, tx: Tx): Promise<Person | null> {
    await tx.query('INSERT INTO person (account_no) VALUES ($1) ON CONFLICT DO NOTHING', [accountNo]);
    const [row] = await tx.query<{ personId: string }>(
      'SELECT person_id AS "personId" FROM person WHERE account_no = $1',
      [accountNo],
    );
    return row ? this.find(row.personId, tx) : null;
  }

  /** Null for an API key. */
  async ofSubject(subject: string, tx: Tx): Promise<Person | null> {
    const [kind, id = ''] = subject.split(':');
    if (kind === 'account') return this.ofAccount(Number(id) as AccountNo, tx);
    if (kind !== 'operator') return null;
    const [row] = await tx.query<Person>(`SELECT * FROM ${PEOPLE} WHERE "operatorId" = $1`, [id]);
    return row ?? null;
  }

  /** @throws Problem 401 */
  async get(personId: string, tx?: Tx): Promise<Person> {
    const person = await this.find(personId, tx);
    if (!person) throw Problem.unauthorized();
    return person;
  }
}
