/** Thrift's compact protocol, as far as Parquet's directory needs it (Apache Thrift, "Thrift Compact protocol encoding"). */
export type ThriftValue =
  | { readonly type: 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'binary'; readonly value: string }
  | { readonly type: 'struct'; readonly fields: ThriftFields }
  | { readonly type: 'list'; readonly of: ThriftValue['type']; readonly values: readonly ThriftValue[] };

/** By field number. */
export type ThriftFields = Readonly<Record<number, ThriftValue | undefined>>;

const TYPES = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

export const i32 = (value: number): ThriftValue => ({ type: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value });
export const binary = (value: string): ThriftValue => ({ type: 'binary', value });
export const struct = (fields: ThriftFields): ThriftValue => ({ type: 'struct', fields });
export const list = (of: ThriftValue['type'], values: readonly ThriftValue[]): ThriftValue => ({
  type: 'list',
  of,
  values,
});

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** Encodes a struct: its fields by number, each with the difference to the number before. */
export function encodeStruct(fields: ThriftFields): Buffer {
  const parts: Buffer[] = [];
  let before = 0;
  for (const [number, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    parts.push(Buffer.from([((Number(number) - before) << 4) | TYPES[value.type]]), encode(value));
    before = Number(number);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function encode(value: ThriftValue): Buffer {
  switch (value.type) {
    case 'struct':
      return encodeStruct(value.fields);
    case 'binary': {
      const bytes = Buffer.from(value.value);
      return Buffer.concat([varint(bytes.length), bytes]);
    }
    case 'list': {
      const { length } = value.values;
      const head = length < 15 ? [(length << 4) | TYPES[value.of]] : [0xf0 | TYPES[value.of], ...varint(length)];
      return Buffer.concat([Buffer.from(head), ...value.values.map(encode)]);
    }
    default:
      return varint(value.value >= 0 ? value.value * 2 : -value.value * 2 - 1); // zigzag
  }
}
