// Puts the type faces of documents and the scripts of the pages where the engine finds them.  node assets.mjs MODULES TARGET
//   MODULES: the node_modules with the packages of package.json.
//   TARGET: a folder; `faces`, `scripts` and `testing` in it are made anew.
// Noto Serif SC sets Chinese, Noto Serif other scripts, HanaMin the rare ideographs; it comes as WOFF2, which is
// unpacked to TrueType here because no typesetter reads it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, target] = process.argv.slice(2).map((path) => resolve(path));
const { decompress } = createRequire(join(modules, "assets.js"))("wawoff2");

await makeAnew("faces", async (folder) => {
  for (const weight of ["400Regular", "700Bold"]) {
    for (const [name, file] of [["noto-serif-sc", "NotoSerifSC"], ["noto-serif", "NotoSerif"]]) {
      const face = `${file}_${weight}.ttf`;
      copyFileSync(join(modules, "@expo-google-fonts", name, weight, face), join(folder, face));
    }
  }
  const rare = /^HanaMin[AB]\.CJK-(Compatibility|Unified-Ideographs-Extension)/;
  for (const file of readdirSync(join(modules, "hanamin")).filter((name) => rare.test(name) && name.endsWith(".woff2"))) {
    const face = await decompress(readFileSync(join(modules, "hanamin", file)));
    writeFileSync(join(folder, file.replace(/woff2$/, "ttf")), face);
  }
});

await makeAnew("scripts", (folder) => {
  copyFileSync(join(modules, "htmx.org", "dist", "htmx.min.js"), join(folder, "htmx.js"));
  copyFileSync(join(modules, "echarts", "dist", "echarts.min.js"), join(folder, "echarts.js"));
});

// What tests of the pages need; an image of the product is made without it.
if (existsSync(join(modules, "axe-core"))) {
  await makeAnew("testing", (folder) => copyFileSync(join(modules, "axe-core", "axe.min.js"), join(folder, "axe.js")));
}

// A folder is whole or not there: what is half made when this is stopped does not count.
async function makeAnew(name, fill) {
  const whole = join(target, name);
  const half = `${whole}.new`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  await fill(half);
  rmSync(whole, { recursive: true, force: true });
  renameSync(half, whole);
  console.log(`${readdirSync(whole).length} ${name} in ${whole}`);
}
