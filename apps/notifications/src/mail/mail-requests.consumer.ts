import { type AccountNo, type BrandId, type PartnerId, uuidFrom } from '@backhaul/domain';
import {
  type Delivered, mailRequests, type MailRequestPayload, OnTopic, PoisonError, REQUESTED_MAILS,
} from '@backhaul/messaging'; // prettier-ignore
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import { addressesIn } from './addresses.js';
import type { MailDraft } from './mail.repository.js';
import { PostMailHandler } from './post-mail.handler.js';

/** Mails that another service asks for. The id of each follows from the request's, so a repeat adds none. */
@Controller()
export class MailRequestsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly postMail: PostMailHandler,
  ) {}

  @OnTopic(mailRequests)
  async onMailRequests(batch: Delivered<MailRequestPayload>[]): Promise<void> {
    const drafts = batch.flatMap(({ payload }) => (payload ? draftsOf(payload) : []));
    await this.unitOfWork.run((tx) => this.postMail.post(tx, drafts));
  }
}

/** @throws PoisonError */
function draftsOf(request: MailRequestPayload): MailDraft[] {
  if (!REQUESTED_MAILS.includes(request.mail)) throw new PoisonError(`unknown mail ${request.mail}`);
  return addressesIn(request.to.join(' ')).map((address) => ({
    mailId: uuidFrom(request.requestId, 'mail', address.toLowerCase()),
    partnerId: request.partnerId as PartnerId,
    accountNo: (request.accountNo ?? null) as AccountNo | null,
    brandId: (request.brandId ?? null) as BrandId | null,
    address,
    template: request.mail,
    // Stays sealed until the moment it is sent.
    content: { username: request.username, sealed: `${request.mail}|${request.requestId}|${request.sealed}` },
    expiresAt: new Date(request.expiresAt),
  }));
}
