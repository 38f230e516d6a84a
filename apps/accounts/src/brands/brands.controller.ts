import {
  assertNotImpersonating,
  assertSteppedUp,
  Caller,
  etagOf,
  type Principal,
  UuidParam,
} from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Get, Headers, Patch, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created, shown } from '../answers.js';
import { MayManage, MayRead } from '../rights.js';
import type { BrandEntity } from './brand.entity.js';
import { BrandRepository, topOf } from './brand.repository.js';
import { BrandOut, brandOut, ChangeBrandIn, CreateBrandIn } from './brands.types.js';
import { ChangeBrandsHandler } from './change-brands.handler.js';

/** The caller's brand and what hangs below it. */
@ApiTags('brands')
@MayRead()
@Controller('api/v1/brands')
export class BrandsController {
  constructor(
    private readonly brands: BrandRepository,
    private readonly changeBrands: ChangeBrandsHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @ApiOkResponse({ type: BrandOut })
  async tree(@Caller() caller: Principal): Promise<BrandOut> {
    const brands = await this.brands.tree(caller);
    return brandOut(topOf(brands), brands, await this.brands.demanding(caller));
  }

  @Get(':id')
  @ApiOkResponse({ type: BrandOut })
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandOut> {
    const brand = await this.brands.get(caller, id);
    return shown(reply, etagOf(brand.version), await this.out(caller, brand));
  }

  @Post()
  @MayManage()
  @ApiCreatedResponse({ type: BrandOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() wanted: CreateBrandIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandOut> {
    return created(
      this.idempotency,
      { caller, route: 'POST /brands', header, body: wanted },
      reply,
      async () => {
        const brand = await this.changeBrands.create(caller, wanted);
        const body = await this.out(caller, brand);
        return { body, location: `/api/v1/brands/${brand.brandId}`, version: 1 };
      },
    );
  }

  /** `requireSecondFactor` is in force with the next request of everybody whom it is about. */
  @Patch(':id')
  @MayManage()
  @ApiOkResponse({ type: BrandOut })
  async change(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: ChangeBrandIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandOut> {
    if (body.requireSecondFactor !== undefined) {
      assertNotImpersonating(caller);
      assertSteppedUp(caller);
    }
    const changed = await this.changeBrands.change(caller, id, ifMatch, body);
    return shown(reply, etagOf(changed.version), await this.out(caller, changed));
  }

  private async out(caller: Principal, brand: BrandEntity): Promise<BrandOut> {
    return brandOut(brand, await this.brands.tree(caller), await this.brands.demanding(caller));
  }
}
