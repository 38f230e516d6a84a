import { Problem } from '@backhaul/http';
import { asCaller } from '@backhaul/persistence';
import type { Client } from '../authentications/client.js';
import type { ChangePassword } from '../credentials/change-password.js';
import { subjectOf } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { PasswordResetRepository } from './password-reset.repository.js';

/** Wrong, expired, used or replaced: nobody learns which. */
const noSuchLink = (): Problem => Problem.notFound('The link is not valid, or no longer; ask for a new one.');

/** Whoever has the mailed link chooses a password. The second factor stays, and is asked for at the next login. */
export class ResetPasswordHandler {
  constructor(
    private readonly resets: PasswordResetRepository,
    private readonly people: PersonRepository,
    private readonly changePassword: ChangePassword,
  ) {}

  /** A password that is refused leaves the link as it is. @throws Problem 404, 422, 503 */
  async handle(token: string, password: string, { ip }: Client): Promise<void> {
    const personId = await this.resets.personOf(token);
    const person = personId && (await this.people.find(personId));
    if (!person || person.isSuspended) throw noSuchLink();
    const caller = {
      partnerId: person.partnerId,
      subject: subjectOf(person),
      onBehalfOf: null,
      ip,
      requestId: null,
    };
    const [kind = ''] = caller.subject.split(':');
    await asCaller(caller, () =>
      this.changePassword.change(person, password, {
        action: `${kind}.password-reset`,
        keptSessionId: null,
        first: async (tx) => {
          if (!(await this.resets.use(tx, token))) throw noSuchLink();
        },
      }),
    );
  }
}
