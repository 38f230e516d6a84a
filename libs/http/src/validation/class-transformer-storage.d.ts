declare module 'class-transformer/cjs/storage.js' {
  type Target = abstract new (...args: never[]) => object;
  /** The part of class-transformer's metadata that decides whether a body reaches validation unchanged. */
  export const defaultMetadataStorage: {
    findTypeMetadata(
      target: Target,
      property: string,
    ): { typeFunction: () => unknown; options?: { discriminator?: unknown } } | undefined;
    findTransformMetadatas(target: Target, property: string, type: number): unknown[];
    getExposedMetadatas(target: Target): unknown[];
    getExcludedMetadatas(target: Target): unknown[];
  };
}
