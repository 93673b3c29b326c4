/** Text of 16 random bytes; also where there is no crypto (plain HTTP on a school's own network). */
export function freshKey() {
  const bytes = globalThis.crypto?.getRandomValues?.(new Uint8Array(16)) ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
