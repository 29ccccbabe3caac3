import { createHash } from 'node:crypto';
import type { BundledPackage } from './licences.ts';

/**
 * Returns a software bill of materials of the bundled packages, in CycloneDX 1.6 (ECMA-424). Its serial number is a
 * digest of the list, so that the same release always has the same one.
 */
export function sbomOf(
  product: { readonly name: string; readonly version: string },
  packages: readonly BundledPackage[],
) {
  const components = packages.map(({ name, version, licence }) => ({
    type: 'library',
    'bom-ref': purlOf(name, version),
    name,
    version,
    purl: purlOf(name, version),
    licenses: /\s/.test(licence)
      ? [{ expression: licence.replace(/^\((.*)\)$/, '$1') }]
      : [{ license: { id: licence } }],
  }));
  const own = purlOf(product.name, product.version);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([own, components]))}`,
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': own, ...product, purl: own } },
    components,
    dependencies: [{ ref: own, dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

/** Returns a package URL (purl-spec, type npm). */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** Returns a UUID of version 8 (RFC 9562) from a digest. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
