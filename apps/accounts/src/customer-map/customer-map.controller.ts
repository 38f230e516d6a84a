import { wholePartner } from '@backhaul/domain';
import { Caller, NumberParam, type Page, type Principal, Problem } from '@backhaul/http';
import type { ProviderName } from '@backhaul/psa';
import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SettingsRepository } from '../connections/connection.repository.js';
import { providerOf } from '../connections/provider.js';
import { afterNumber, pageByNumber } from '../paging.js';
import { MayManage, MayReadMap } from '../rights.js';
import { CustomerMapRepository, type MapRow } from './customer-map.repository.js';
import {
  CustomerMapIn,
  CustomerMapOut,
  CustomerMapQuery,
  MapCustomerIn,
  MapRowOut,
} from './customer-map.types.js';
import { mapEtag, MapCustomersHandler } from './map-customers.handler.js';

const rowOut = (row: MapRow): MapRowOut => ({
  custId: row.custId,
  customerName: row.customerName,
  psaCompanyId: row.psaCompanyId,
  contractId: row.contractId,
  agreementId: row.agreementId,
  problems: row.psaCompanyId === null ? ['not_mapped'] : (JSON.parse(row.problems) as string[]),
  etag: mapEtag(row),
});

/** Which company of the PSA each customer is. */
@ApiTags('PSA')
@MayReadMap()
@Controller('api/v1/psa/:provider/customer-map')
export class CustomerMapController {
  constructor(
    private readonly map: CustomerMapRepository,
    private readonly mapCustomers: MapCustomersHandler,
    private readonly settings: SettingsRepository,
  ) {}

  @Get()
  @ApiOkResponse({ type: CustomerMapOut })
  async list(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Query() { limit, cursor, total }: CustomerMapQuery,
  ): Promise<Page<MapRowOut>> {
    const rows = await this.map.page(caller, await this.setUp(caller, name), afterNumber(cursor), limit + 1);
    const count = total ? await this.map.count(caller) : undefined;
    return pageByNumber(rows, limit, (row) => row.custId, rowOut, count);
  }

  @Put()
  @MayManage()
  @HttpCode(204)
  @ApiNoContentResponse()
  async replace(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Body() body: CustomerMapIn,
  ): Promise<void> {
    await this.mapCustomers.mapMany(caller, await this.setUp(caller, name), body.items);
  }

  @Patch(':custId')
  @MayManage()
  @ApiOkResponse({ type: MapRowOut })
  async change(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @NumberParam('custId') custId: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: MapCustomerIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MapRowOut> {
    const row = rowOut(
      await this.mapCustomers.mapOne(caller, await this.setUp(caller, name), custId, ifMatch, body),
    );
    reply.header('etag', row.etag);
    return row;
  }

  /** There is a map once the integration was set up (D30). @throws Problem 404 */
  private async setUp(caller: Principal, name: string): Promise<ProviderName> {
    const provider = providerOf(name);
    if (!(await this.settings.findOne(wholePartner(caller.partnerId), { provider })))
      throw Problem.notFound();
    return provider;
  }
}
