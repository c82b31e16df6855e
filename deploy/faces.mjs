// Puts the type faces of documents where the engine finds them.  node faces.mjs MODULES TARGET
//   MODULES: the node_modules with the packages of package.json.  TARGET: a folder, made anew.
// Noto Serif SC sets Chinese, Noto Serif other scripts, HanaMin the rare ideographs; it comes as WOFF2, which is
// unpacked to TrueType here because no typesetter reads it.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, target] = process.argv.slice(2).map((path) => resolve(path));
const { decompress } = createRequire(join(modules, "faces.js"))("wawoff2");
const half = `${target}.new`;

rmSync(half, { recursive: true, force: true });
mkdirSync(half, { recursive: true });
for (const weight of ["400Regular", "700Bold"]) {
  for (const [name, file] of [["noto-serif-sc", "NotoSerifSC"], ["noto-serif", "NotoSerif"]]) {
    copyFileSync(join(modules, "@expo-google-fonts", name, weight, `${file}_${weight}.ttf`), join(half, `${file}_${weight}.ttf`));
  }
}
const rare = /^HanaMin[AB]\.CJK-(Compatibility|Unified-Ideographs-Extension)/;
for (const file of readdirSync(join(modules, "hanamin")).filter((name) => rare.test(name) && name.endsWith(".woff2"))) {
  writeFileSync(join(half, file.replace(/woff2$/, "ttf")), await decompress(readFileSync(join(modules, "hanamin", file))));
}
rmSync(target, { recursive: true, force: true });
renameSync(half, target);
console.log(`${readdirSync(target).length} faces in ${target}`);
