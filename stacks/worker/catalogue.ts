/** What the shop sells. */
export interface Product {
  id: string;
  name: string;
  priceCents: number;
  fetchedAt: string;
}

const PRODUCTS: Record<string, Pick<Product, "name" | "priceCents">> = {
  "1": { name: "Kettle", priceCents: 3900 },
  "2": { name: "Toaster", priceCents: 4500 },
  "3": { name: "Coffee grinder", priceCents: 8900 },
};

/** Stands where a shop would ask its database; null when there is no such product. */
export function findProduct(id: string): Promise<Product | null> {
  const product = PRODUCTS[id];
  return Promise.resolve(product === undefined ? null : { id, ...product, fetchedAt: new Date().toISOString() });
}

/** What most visitors ask for. */
export function popularProducts(): string[] {
  return Object.keys(PRODUCTS);
}
