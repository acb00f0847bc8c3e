/** A stop sign, beside the name. */
export function BrandMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
      <path className="brand-sign" d="M10 1h12l9 9v12l-9 9H10l-9-9V10z" />
      <path className="brand-bar" d="M9 13h14v6H9z" />
    </svg>
  );
}
