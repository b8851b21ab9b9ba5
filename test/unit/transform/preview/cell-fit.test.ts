import { describe, expect, test } from "vitest";
import { columnFromType } from "../../../../src/mysql/column-type.ts";
import { chainLoss, misfit } from "../../../../src/transform/preview/cell-fit.ts";

const codeOf = (type: string, value: string | Buffer | null): string | null =>
  misfit(columnFromType("c", type), value === null ? null : Buffer.from(value))?.code ?? null;

describe("a value fits a column, or why not", () => {
  test.each<[string, string | Buffer | null, string | null]>([
    ["varchar(3)", "äöü", null],
    ["varchar(3)", "äöü ", "value-too-long"],
    ["varchar(1)", "😀", null],
    ["char(3)", "abc   ", null],
    ["char(3)", "abcd", "value-too-long"],
    ["tinytext", "ä".repeat(127), null],
    ["tinytext", "ä".repeat(128), "value-too-long"],
    ["tinytext character set latin1", "ä".repeat(255), null],
    ["varchar(9) character set ascii", "é", "value-not-allowed"],
    ["varchar(9) character set latin1", "é€", null],
    ["varchar(9) character set latin1", "ł", "value-not-allowed"],
    ["varchar(9) character set utf8mb3", "ł", null],
    ["varchar(9) character set utf8mb3", "😀", "value-not-allowed"],
    ["varbinary(2)", Buffer.of(1, 2, 3), "value-too-long"],
    ["varbinary(2)", Buffer.of(1), null],
    ["binary(2)", Buffer.of(1), "value-not-allowed"],
    ["bit(3)", Buffer.of(7), null],
    ["bit(3)", Buffer.of(8), "value-too-long"],
    ["tinyint", "-128", null],
    ["tinyint", "128", "value-out-of-range"],
    ["tinyint unsigned", "255", null],
    ["tinyint unsigned", "-1", "value-out-of-range"],
    ["bigint unsigned", "18446744073709551615", null],
    ["bigint unsigned", "18446744073709551616", "value-out-of-range"],
    ["bigint", "-9223372036854775808", null],
    ["int", "1.5", "precision-lost"],
    ["int", "1.0", null],
    ["int", "one", "value-not-allowed"],
    ["decimal(5,2)", "999.99", null],
    ["decimal(5,2)", "1000", "value-out-of-range"],
    ["decimal(5,2)", "-0.125", "precision-lost"],
    ["decimal(5,2)", "0.1200", null],
    ["double", "0.1", null],
    ["double", "9007199254740993", "precision-lost"],
    ["double", "9007199254740992", null],
    ["double", "1e300", null],
    ["float", "16777217", "precision-lost"],
    ["float", "0.5", null],
    ["enum('a','b')", "c", "value-not-allowed"],
    ["enum('a','b')", "", null],
    ["set('a','b')", "a,b", null],
    ["set('a','b')", "a,c", "value-not-allowed"],
    ["date", "2024-01-31 10:00:00", "precision-lost"],
    ["date", "2024-01-31 00:00:00", null],
    ["datetime(3)", "2024-01-31 10:00:00.123000", null],
    ["datetime(3)", "2024-01-31 10:00:00.123400", "precision-lost"],
    ["time", "10:00:00.5", "precision-lost"],
    ["time", "2024-01-31 10:00:00", "value-not-allowed"],
    ["timestamp", "1969-12-31 23:59:59", "value-out-of-range"],
    ["timestamp", "0000-00-00 00:00:00", null],
    ["timestamp", "2038-01-19 03:14:08", "value-out-of-range"],
    ["year", "2155", null],
    ["year", "1900", "value-out-of-range"],
    ["int not null", null, "value-not-allowed"],
    ["int", null, null],
    ["json", "{}", null],
  ])("%s %j", (type, value, code) => {
    expect(codeOf(type, value)).toBe(code);
  });
});

describe("what a step's new type loses of a value of the source", () => {
  const loss = (from: string, to: string, value: string): string | null =>
    chainLoss(columnFromType("c", from), columnFromType("c", to), Buffer.from(value))?.code ?? null;
  test.each<[string, string, string, string | null]>([
    ["decimal(12,4)", "decimal(12,2)", "1.2345", "precision-lost"],
    ["decimal(12,4)", "decimal(12,2)", "1.2300", null],
    ["double", "int", "1.5e0", "precision-lost"],
    ["datetime(6)", "datetime", "2024-01-31 10:00:00.000001", "precision-lost"],
    ["datetime", "date", "2024-01-31 10:00:00", "precision-lost"],
    ["bigint", "float", "123456789", "precision-lost"],
    // Its purpose, not a loss.
    ["varchar(20)", "int", "12.5", null],
    ["decimal(12,4)", "char(64)", "1.2345", null],
  ])("%s to %s: %s", (from, to, value, code) => {
    expect(loss(from, to, value)).toBe(code);
  });
});
