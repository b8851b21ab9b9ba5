/**
 * Geometries as MySQL stores them: SRID in four bytes, then WKB, all little-endian.
 * Source: MySQL reference manual, "Internal Geometry Storage Format".
 */
const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;

export function point(srid: number, x: number, y: number): Buffer {
  return Buffer.concat([header(srid, POINT), doubles(x, y)]);
}

/** A zigzag of `count` points. */
export function lineString(srid: number, count: number): Buffer {
  const points = Array.from({ length: count }, (_, index) => doubles(index, index % 2));
  return Buffer.concat([header(srid, LINE_STRING), uint32(count), ...points]);
}

/** The unit square with a square hole. */
export function polygon(srid: number): Buffer {
  const ring = (low: number, high: number): Buffer =>
    Buffer.concat([uint32(5), doubles(low, low, high, low, high, high, low, high, low, low)]);
  return Buffer.concat([header(srid, POLYGON), uint32(2), ring(0, 1), ring(0.25, 0.5)]);
}

function header(srid: number, type: number): Buffer {
  return Buffer.concat([uint32(srid), Buffer.from([1]), uint32(type)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function doubles(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => {
    bytes.writeDoubleLE(value, index * 8);
  });
  return bytes;
}
