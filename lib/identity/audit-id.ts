/**
 * The ID of a request in its audit events (`auditID`).
 * Trust: the client can choose it (`Audit-ID` header), as any text, and even as the ID of another request. A search by
 * it must expect several records.
 */
export type AuditId = string & { readonly brand: 'audit-id' };

/**
 * Returns the text as an audit ID. Parsers call it where the API server writes one, or where a person searches for one.
 */
export function auditIdOf(text: string): AuditId {
  return text as AuditId;
}
