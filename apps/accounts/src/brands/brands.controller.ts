import { type BrandId, systemClock, uuidv7 } from '@backhaul/domain';
import { Caller, etagOf, type Principal, Problem, requireIfMatch, UuidParam } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Get, Headers, Patch, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created, shown } from '../answers.js';
import { MayManage, MayRead } from '../rights.js';
import { BrandRepository, rootOf } from './brand.repository.js';
import { BrandOut, brandOut, ChangeBrandIn, CreateBrandIn } from './brands.types.js';

/** The partner's brands and sub-brands. */
@ApiTags('brands')
@MayRead()
@Controller('api/v1/brands')
export class BrandsController {
  constructor(
    private readonly brands: BrandRepository,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @ApiOkResponse({ type: BrandOut })
  async tree(@Caller() caller: Principal): Promise<BrandOut> {
    const brands = await this.brands.tree(caller);
    return brandOut(rootOf(brands), brands);
  }

  @Get(':id')
  @ApiOkResponse({ type: BrandOut })
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandOut> {
    const brand = await this.brands.get(caller, id);
    return shown(reply, etagOf(brand.version), brandOut(brand, await this.brands.tree(caller)));
  }

  @Post()
  @MayManage()
  @ApiCreatedResponse({ type: BrandOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateBrandIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BrandOut> {
    return created(this.idempotency, { caller, route: 'POST /brands', header, body }, reply, async () => {
      const parent = await this.brands.findOne(caller, { brandId: body.parentId as BrandId });
      if (!parent) throw Problem.notFound();
      const brandId = uuidv7(systemClock.now().getTime()) as BrandId;
      const brand = {
        partnerId: caller.partnerId,
        brandId,
        name: body.name.trim(),
        parentId: parent.brandId,
        version: 1,
        createdAt: systemClock.now(),
      };
      await this.brands.insert(caller, brand);
      return { body: brandOut(brand), location: `/api/v1/brands/${brandId}`, version: 1 };
    });
  }

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
    const brand = await this.brands.get(caller, id);
    requireIfMatch(ifMatch, etagOf(brand.version));
    const changed = { ...brand, name: body.name?.trim() ?? brand.name, version: brand.version + 1 };
    const count = await this.brands.update(
      caller,
      { brandId: brand.brandId, version: brand.version },
      { name: changed.name, version: changed.version },
    );
    if (count === 0) throw Problem.preconditionFailed();
    return shown(reply, etagOf(changed.version), brandOut(changed, await this.brands.tree(caller)));
  }
}
