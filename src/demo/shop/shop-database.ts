import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../base/clock.ts'
import { CATALOGUE, type Product } from './catalogue.ts'

export type CartLine = { product: Product; quantity: number }

export type Address = {
  name: string
  email: string
  street: string
  postcode: string
  city: string
}

export type Order = {
  orderId: number
  sessionId: string
  placedAt: number
  name: string
  city: string
  totalCents: number
  lines: { name: string; quantity: number; priceCents: number }[]
}

/** The shop's products, carts and orders, in one SQLite file. */
export type ShopDatabase = ReturnType<typeof openShopDatabase>

/** Most of one lamp in a cart; whoever wants more writes to us. */
export const QUANTITY_MAX = 20
/** Carts kept; each visit of a probe leaves one behind, and the oldest go first. */
const CARTS_MAX = 5_000
const RESULTS_MAX = 50
const ORDER_NUMBER_FIRST = 1_001

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS products (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, colour TEXT NOT NULL,
    price_cents INTEGER NOT NULL, is_featured INTEGER NOT NULL, description TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS carts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE IF NOT EXISTS cart_items (
    session_id TEXT NOT NULL REFERENCES carts (session_id) ON DELETE CASCADE,
    product_id TEXT NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (session_id, product_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, placed_at INTEGER NOT NULL,
    name TEXT NOT NULL, email TEXT NOT NULL, street TEXT NOT NULL, postcode TEXT NOT NULL,
    city TEXT NOT NULL, total_cents INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    name TEXT NOT NULL, quantity INTEGER NOT NULL, price_cents INTEGER NOT NULL
  ) STRICT;
`

export function openShopDatabase(path: string, clock: Clock) {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  database.exec(SCHEMA)
  writeCatalogue(database)
  return {
    ...productsOf(database),
    ...cartsOf(database),
    ...ordersOf(database, clock),
    close: () => database.close(),
  }
}

/** Makes a session's name; hard to guess, because it opens a cart and its orders. */
export const newSessionId = (): string => randomUUID()

function writeCatalogue(database: DatabaseSync): void {
  // Not REPLACE: that would delete the row first, and with it the lamp in somebody's cart.
  const insert = database.prepare(
    `INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
     SET name = excluded.name, kind = excluded.kind, colour = excluded.colour,
       price_cents = excluded.price_cents, is_featured = excluded.is_featured,
       description = excluded.description`,
  )
  for (const product of CATALOGUE) {
    const { id, name, kind, colour, priceCents, isFeatured, description } = product
    insert.run(id, name, kind, colour, priceCents, isFeatured ? 1 : 0, description)
  }
}

function productsOf(database: DatabaseSync) {
  const featured = database.prepare('SELECT * FROM products WHERE is_featured = 1 ORDER BY rowid')
  const byId = database.prepare('SELECT * FROM products WHERE id = ?')
  const matching = database.prepare(
    `SELECT * FROM products WHERE name LIKE :like ESCAPE '\\' OR description LIKE :like ESCAPE '\\'
     ORDER BY rowid LIMIT ${RESULTS_MAX}`,
  )
  return {
    featuredProducts: () => featured.all().map(toProduct),
    findProduct(productId: string): Product | undefined {
      const row = byId.get(productId)
      return row && toProduct(row)
    },
    /** Products whose name or description has the text, in any case; all for the empty text. */
    searchProducts(text: string): Product[] {
      const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`
      return matching.all({ like }).map(toProduct)
    },
  }
}

function cartsOf(database: DatabaseSync) {
  const addCart = database.prepare('INSERT OR IGNORE INTO carts (session_id) VALUES (?)')
  const dropOld = database.prepare(
    `DELETE FROM carts WHERE number <= (SELECT max(number) FROM carts) - ${CARTS_MAX}`,
  )
  const addItem = database.prepare(
    `INSERT INTO cart_items VALUES (?, ?, ?) ON CONFLICT DO UPDATE
     SET quantity = min(${QUANTITY_MAX}, quantity + excluded.quantity)`,
  )
  const removeItem = database.prepare(
    'DELETE FROM cart_items WHERE session_id = ? AND product_id = ?',
  )
  const items = database.prepare(
    `SELECT products.*, cart_items.quantity FROM cart_items JOIN products ON products.id = product_id
     WHERE session_id = ? ORDER BY cart_items.rowid`,
  )
  return {
    addToCart(sessionId: string, productId: string, quantity: number): void {
      addCart.run(sessionId)
      dropOld.run()
      addItem.run(sessionId, productId, quantity)
    },
    removeFromCart: (sessionId: string, productId: string) =>
      void removeItem.run(sessionId, productId),
    cartLines: (sessionId: string | undefined): CartLine[] =>
      sessionId === undefined
        ? []
        : items
            .all(sessionId)
            .map((row) => ({ product: toProduct(row), quantity: Number(row.quantity) })),
  }
}

function ordersOf(database: DatabaseSync, clock: Clock) {
  const count = database.prepare('SELECT count(*) AS count FROM orders')
  const nextId = database.prepare(
    `SELECT coalesce(max(id) + 1, ${ORDER_NUMBER_FIRST}) AS id FROM orders`,
  )
  const addOrder = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const addLine = database.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?)')
  const emptyCart = database.prepare('DELETE FROM cart_items WHERE session_id = ?')
  const ofSession = database.prepare('SELECT * FROM orders WHERE id = ? AND session_id = ?')
  const linesOf = database.prepare('SELECT * FROM order_lines WHERE order_id = ?')
  return {
    countOrders: () => Number(count.get()?.count),

    /** Turns the cart into an order. @returns its number. */
    placeOrder(sessionId: string, address: Address, lines: readonly CartLine[]): number {
      const { name, email, street, postcode, city } = address
      database.exec('BEGIN IMMEDIATE')
      try {
        const orderId = Number(nextId.get()?.id)
        const total = totalOf(lines)
        addOrder.run(orderId, sessionId, clock.now(), name, email, street, postcode, city, total)
        for (const { product, quantity } of lines)
          addLine.run(orderId, product.name, quantity, product.priceCents)
        emptyCart.run(sessionId)
        database.exec('COMMIT')
        return orderId
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },

    /** An order, for the session that placed it: numbers can be guessed, sessions cannot. */
    findOrder(orderId: number, sessionId: string): Order | undefined {
      const row = ofSession.get(orderId, sessionId)
      if (!row) return undefined
      return {
        orderId,
        sessionId,
        placedAt: Number(row.placed_at),
        name: String(row.name),
        city: String(row.city),
        totalCents: Number(row.total_cents),
        lines: linesOf.all(orderId).map((line) => ({
          name: String(line.name),
          quantity: Number(line.quantity),
          priceCents: Number(line.price_cents),
        })),
      }
    },
  }
}

export const totalOf = (lines: readonly CartLine[]): number =>
  lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0)

const toProduct = (row: Record<string, unknown>): Product => ({
  id: String(row.id),
  name: String(row.name),
  kind: String(row.kind) as Product['kind'],
  colour: String(row.colour),
  priceCents: Number(row.price_cents),
  isFeatured: row.is_featured === 1,
  description: String(row.description),
})
