/** `node create-operator.js --username jo [--email jo@example.com]`: makes an operator of the platform; the address gets links to reset the password. Prints the password, once. */
import { parseArgs } from 'node:util';
import { uuidv7 } from '@backhaul/domain';
import { brokenConstraint, UnitOfWork } from '@backhaul/persistence';
import { hashPassword, randomPassword } from './accounts/passwords.js';
import { readDatabaseConfig } from './config.js';
import { accountsDataSource } from './database.js';

const { values } = parseArgs({ options: { username: { type: 'string' }, email: { type: 'string' } } });
const username = values.username ?? '';
if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(username)) {
  process.stderr.write(
    'Usage: create-operator --username NAME [--email ADDRESS] (letters, digits and . _ @ -)\n',
  );
  process.exit(2);
}
const password = randomPassword();
const operatorId = uuidv7(new Date().getTime());
const passwordHash = await hashPassword(password);
const dataSource = await accountsDataSource(readDatabaseConfig().DATABASE_URL, 2, 'runtime').initialize();
try {
  await new UnitOfWork(dataSource).run(async (tx) => {
    await tx.query(
      'INSERT INTO operator (operator_id, username, password_hash, contact) VALUES ($1, $2, $3, $4)',
      [operatorId, username, passwordHash, values.email ?? null],
    );
    await tx.query('INSERT INTO person (operator_id) VALUES ($1)', [operatorId]);
  });
  process.stdout.write(`${JSON.stringify({ operatorId, username, password })}\n`);
} catch (error) {
  if (brokenConstraint(error) !== 'operator_username') throw error;
  process.stderr.write(`There is an operator ${username} already.\n`);
  process.exitCode = 1;
} finally {
  await dataSource.destroy();
}
