import type { PartnerId } from '@backhaul/domain';
import { encodeCursor, NeedsStepUp, pageOf, Roles, UuidParam } from '@backhaul/http';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { afterUuid } from '../paging.js';
import { PartnerRepository } from './partner.repository.js';
import { PartnerOut, partnerOut, PartnersOut, PartnersQuery, SuspensionIn } from './partners.types.js';
import { SuspendPartnersHandler } from './suspend-partners.handler.js';

/** All partners of the platform, for its operators. */
@ApiTags('partners')
@Roles('platform-operator')
@Controller('api/v1/partners')
export class PartnersController {
  constructor(
    private readonly partners: PartnerRepository,
    private readonly suspensions: SuspendPartnersHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: PartnersOut })
  async list(@Query() { limit, cursor }: PartnersQuery): Promise<PartnersOut> {
    const rows = await this.partners.pageAcrossTenants(afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return pageOf(items.map(partnerOut), last ? encodeCursor([last.partnerId]) : null);
  }

  /** Its people and programs are refused within two seconds; again on a suspended one changes nothing. */
  @Post(':id/suspend')
  @NeedsStepUp()
  @HttpCode(200)
  @ApiOkResponse({ type: PartnerOut })
  async suspend(@UuidParam('id') id: string, @Body() { reason }: SuspensionIn): Promise<PartnerOut> {
    return partnerOut(await this.suspensions.suspend(id as PartnerId, reason));
  }

  /** What had not ended meanwhile works again. */
  @Post(':id/restore')
  @NeedsStepUp()
  @HttpCode(200)
  @ApiOkResponse({ type: PartnerOut })
  async restore(@UuidParam('id') id: string, @Body() { reason }: SuspensionIn): Promise<PartnerOut> {
    return partnerOut(await this.suspensions.restore(id as PartnerId, reason));
  }
}
