/** What a database holds besides tables, none of which vtpipe moves: it lists them. One statement each. */
export const programStatements: readonly string[] = [
  `CREATE VIEW active_people AS SELECT id, email, name FROM people WHERE deleted_at IS NULL`,
  `CREATE VIEW order_totals AS
     SELECT o.id, o.customer_id, SUM(l.quantity * l.price) AS lines_total
     FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id, o.customer_id`,
  `CREATE TRIGGER people_touched BEFORE UPDATE ON people FOR EACH ROW SET NEW.updated_at = NOW(6)`,
  `CREATE FUNCTION full_price(price DECIMAL(10,2)) RETURNS DECIMAL(12,4) DETERMINISTIC NO SQL RETURN price * 1.2`,
  `CREATE PROCEDURE retire_product(IN which VARCHAR(24)) MODIFIES SQL DATA
     UPDATE products SET state = 'retired' WHERE sku = which`,
  `CREATE EVENT forget_sessions ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE
     DO DELETE FROM sessions WHERE started < NOW() - INTERVAL 1 YEAR`,
];
