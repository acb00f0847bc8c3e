/** The cloud shows at most this many in one answer. */
export const pageSize = 100;

export interface Page<Item> {
  readonly totalCount: number;
  readonly items: readonly Item[];
}

export interface ReadPages {
  /** How many items the last answer spoke of beyond those of the first. */
  readonly growth: number;
}

/**
 * Reads a list to its end, page by page, and hands every page on. One call for each hundred, one at least. Items that
 * join the list in the meantime may come twice, or not at all: `growth` tells.
 */
export async function readPages<Item>(
  readPage: (offset: number, limit: number) => Promise<Page<Item>>,
  take: (items: readonly Item[], totalCount: number) => void,
): Promise<ReadPages> {
  let firstTotal: number | undefined;
  for (let offset = 0; ; offset += pageSize) {
    const { totalCount, items } = await readPage(offset, pageSize);
    firstTotal ??= totalCount;
    take(items, totalCount);
    if (items.length === 0 || offset + pageSize >= totalCount) return { growth: totalCount - firstTotal };
  }
}
