import type { PartnerId, Scope } from '@backhaul/domain';
import type {
  DataSource,
  EntityManager,
  EntityTarget,
  FindOptionsOrder,
  FindOptionsWhere,
  ObjectLiteral,
} from 'typeorm';

export type { Scope };

/** Rows that belong to a partner. Every method takes the scope first; the one that does not has a loud name. */
export abstract class TenantRepository<Row extends ObjectLiteral & { partnerId: PartnerId }> {
  protected constructor(
    protected readonly dataSource: DataSource,
    private readonly target: EntityTarget<Row>,
  ) {}

  protected within(scope: Scope, where: FindOptionsWhere<Row> = {}): FindOptionsWhere<Row> {
    return { ...where, partnerId: scope.partnerId };
  }

  protected rows(manager: EntityManager = this.dataSource.manager) {
    return manager.getRepository(this.target);
  }

  findOne(scope: Scope, where: FindOptionsWhere<Row>, manager?: EntityManager): Promise<Row | null> {
    return this.rows(manager).findOne({ where: this.within(scope, where) });
  }

  findMany(
    scope: Scope,
    where: FindOptionsWhere<Row>,
    order: FindOptionsOrder<Row>,
    take: number,
  ): Promise<Row[]> {
    return this.rows().find({ where: this.within(scope, where), order, take });
  }

  async insert(scope: Scope, row: Row, manager?: EntityManager): Promise<void> {
    await this.rows(manager).insert({ ...row, partnerId: scope.partnerId });
  }

  async update(
    scope: Scope,
    where: FindOptionsWhere<Row>,
    change: Partial<Row>,
    manager?: EntityManager,
  ): Promise<number> {
    const { affected } = await this.rows(manager).update(this.within(scope, where), change);
    return affected ?? 0;
  }

  async remove(scope: Scope, where: FindOptionsWhere<Row>, manager?: EntityManager): Promise<number> {
    const { affected } = await this.rows(manager).delete(this.within(scope, where));
    return affected ?? 0;
  }

  /** For what serves all partners at once, such as publishing everything anew. */
  findAcrossTenants(order: FindOptionsOrder<Row>): Promise<Row[]> {
    return this.rows().find({ order });
  }
}
