// What stands in a server's database, read beside it.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const FILE = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2]).fetchone()[0])";
const SERVER = `source tests/env.sh
for psql in "$(postgres_bin)/psql" /usr/lib/postgresql/*/bin/psql "$(command -v psql)"; do
  if [ -x "$psql" ]; then exec "$psql" --no-psqlrc -qtA -d "$0" -c "$1"; fi
done
echo "psql is missing" >&2; exit 1`;

/** How many rows `select count(*) from …` finds. */
export function rowsOf({ database }, what) {
  const query = `select count(*) from ${what}`;
  const options = { cwd: ROOT, encoding: "utf8" };
  if (database.startsWith("postgres://")) return Number(execFileSync("bash", ["-c", SERVER, database, query], options));
  return Number(execFileSync(process.env.INVIGIL_PYTHON ?? "python3", ["-c", FILE, database, query], options));
}
