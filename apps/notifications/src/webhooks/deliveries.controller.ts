import { isUuid } from '@backhaul/domain';
import {
  ApiProblem, Caller, decodeCursor, encodeCursor, type Principal, Problem, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type DeliveryPage, DeliveryRepository } from './delivery.repository.js';
import { DeliveriesOut, DeliveriesQuery, DeliveryOut, deliveryOut } from './deliveries.types.js';
import { ResendWebhookHandler } from './resend-webhook.handler.js';

/** What rules and event handlers told receivers, and what those answered. */
@ApiTags('rules')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller('api/v1/webhook-deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly resendWebhook: ResendWebhookHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: DeliveriesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, ruleId, handlerId, state }: DeliveriesQuery,
  ): Promise<DeliveriesOut> {
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more than asked for tells whether there is another page.
    const found = await this.deliveries.page(caller, { ruleId, handlerId, state, limit: limit + 1, after });
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const nextCursor = last ? encodeCursor([last.causeId, last.deliveryId]) : null;
    return { items: items.map(deliveryOut), nextCursor };
  }

  /** With the same id and body as before; a receiver that has seen it may ignore it. */
  @Post(':id/resend')
  @Roles('partner-senior-manager', 'partner-senior-it-manager')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: DeliveryOut })
  @ApiProblem(409, 'It is being tried already.')
  async resend(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<DeliveryOut> {
    return deliveryOut(await this.resendWebhook.handle(caller, id));
  }
}

/** @throws Problem 400 */
function afterOf(cursor: string): DeliveryPage['after'] {
  const [causeId, deliveryId] = decodeCursor(cursor);
  if (!isUuid(causeId) || !isUuid(deliveryId))
    throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
  return { causeId, deliveryId };
}
