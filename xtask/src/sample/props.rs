//! What stands and lies about in the sample: crates, pottery and plants, a ball and a hoop, stones.

use super::mesh::{Mesh, curve, lathe, leaf, panel, pebble, rounded_box, sphere, torus, tube};
use super::scene::{Alpha, Material, MaterialIndex, Node, Scene};
use super::texture::{self, hex};
use super::vector::{Rotation, Vec3, hash, vec3};

const CRATE_SIZE: f32 = 0.74;
const CRATES_AT: Vec3 = vec3(-1.42, 0.0, -0.72);
const CRATES_TURN: f32 = 40.0;

/// Two framed crates, the smaller one askew on the larger, and a lantern on top.
pub(super) fn crates(scene: &mut Scene, wood: MaterialIndex, brass: MaterialIndex) -> Node {
    let framed = scene.model("Crate", vec![(framed_box(CRATE_SIZE), wood)]);

    let glow = scene.painted("Candle", hex(0xF4D9A0), 0.0, 0.9);
    let cap = curve(&[[0.105, 0.0], [0.100, 0.012], [0.060, 0.045], [0.025, 0.065], [0.022, 0.085], [0.001, 0.092]], 2);
    let foot = curve(&[[0.100, 0.0], [0.105, 0.010], [0.090, 0.022], [0.001, 0.024]], 2);
    let mut frame =
        lathe(20, &[&foot], 0, 0.0).with(&lathe(20, &[&cap], 0, 0.0), vec3(0.0, 0.215, 0.0), Rotation::NONE);
    let bar = tube(5, &[[0.0, 0.015, 0.0, 0.006], [0.0, 0.22, 0.0, 0.006]], 1.0);
    for turn in 0..6 {
        let around = Rotation::turn(turn as f32 * 60.0);
        frame = frame.with(&bar, around.apply(vec3(0.0, 0.0, 0.085)), around);
    }
    let grip = torus(18, 6, 0.045, 0.006);

    frame = frame.with(&grip, vec3(0.0, 0.345, 0.0), Rotation::about(vec3(1.0, 0.0, 0.0), 90.0));
    let candle = lathe(14, &[&[[0.034, 0.02], [0.034, 0.13]], &[[0.034, 0.13], [0.001, 0.126]]], 0, 0.0);
    let lantern = scene.model("Lantern", vec![(frame, brass), (candle, glow)]);
    Node::new("Crates", CRATES_AT).rotated(Rotation::turn(CRATES_TURN)).with(
        Node::new("Large crate", vec3(0.0, 0.37, 0.0)).showing(framed).with(
            Node::new("Small crate", vec3(-0.06, 0.60, -0.04))
                .rotated(Rotation::turn(-31.0))
                .scaled(0.62)
                .showing(framed)
                .with(Node::new("Lantern", vec3(0.02, 0.37, 0.02)).scaled(1.0 / 0.62).showing(lantern)),
        ),
    )
}

/// Beams along the twelve edges, boards between them.
fn framed_box(size: f32) -> Mesh {
    let beam = size * 0.115;
    let inset = size * 0.5 - beam * 0.5;
    let x = vec3(1.0, 0.0, 0.0);
    let z = vec3(0.0, 0.0, 1.0);
    // grain runs along u, and each piece shows another stretch of it
    let piece = |long: f32, across: [f32; 2], pieces: [usize; 3], at: usize| {
        let shift = at as f32 * 0.271;
        rounded_box(vec3(long, across[0], across[1]), beam * 0.13, pieces)
            .textured([0.9, 1.0], [shift, shift * 1.7 + 0.02])
    };
    let mut crate_box = Mesh::default();
    let mut count = 0;
    for a in [-1.0, 1.0] {
        for b in [-1.0, 1.0] {
            let post = piece(size, [beam; 2], [3, 1, 1], count);
            crate_box = crate_box.with(&post, vec3(a * inset, 0.0, b * inset), Rotation::about(z, 90.0));
            let short = size - 2.0 * beam;
            let rail = piece(short, [beam; 2], [2, 1, 1], count + 4);
            crate_box = crate_box.with(&rail, vec3(0.0, a * inset, b * inset), Rotation::NONE);
            let cross = piece(short, [beam; 2], [2, 1, 1], count + 8);
            crate_box = crate_box.with(&cross, vec3(a * inset, b * inset, 0.0), Rotation::turn(90.0));
            count += 1;
        }
    }
    let wide = size - beam * 1.9;
    let board = panel(wide, 6);
    let depth = size * 0.5 - beam * 0.47;
    let sides = [
        (vec3(0.0, 0.0, depth), Rotation::NONE),
        (vec3(0.0, 0.0, -depth), Rotation::turn(180.0)),
        (vec3(depth, 0.0, 0.0), Rotation::turn(90.0)),
        (vec3(-depth, 0.0, 0.0), Rotation::turn(-90.0)),
        (vec3(0.0, depth, 0.0), Rotation::about(x, -90.0)),
        (vec3(0.0, -depth, 0.0), Rotation::about(x, 90.0)),
    ];
    for (index, (at, rotation)) in sides.into_iter().enumerate() {
        let board = board.clone().textured([1.0, 1.55], [0.19 * index as f32, 0.25 * index as f32]);
        crate_box = crate_box.with(&board, at, rotation);
    }
    // a diagonal brace on the two sides that face the viewer
    let brace = piece(wide * 1.26, [beam * 0.9, beam * 0.4], [4, 1, 1], 3);
    crate_box.with(&brace, vec3(0.0, 0.0, depth + beam * 0.15), Rotation::about(z, 45.0)).with(
        &brace,
        vec3(depth + beam * 0.15, 0.0, 0.0),
        Rotation::about(z, 45.0).then(Rotation::turn(90.0)),
    )
}

/// A tall painted amphora and a bush in a pot.
pub(super) fn pottery(scene: &mut Scene, clay: MaterialIndex) -> Node {
    let coat = scene.texture(texture::amphora());
    let glazed = scene.textured("Amphora glaze", coat, 0.35);
    let dark = scene.painted("Amphora throat", hex(0x24191A), 0.0, 1.0);
    let outline = curve(
        &[
            [0.135, 0.0],
            [0.150, 0.022],
            [0.118, 0.055],
            [0.150, 0.14],
            [0.265, 0.36],
            [0.305, 0.56],
            [0.265, 0.74],
            [0.150, 0.86],
            [0.105, 0.93],
            [0.112, 1.01],
            [0.160, 1.065],
            [0.165, 1.08],
        ],
        4,
    );
    let throat = curve(&[[0.165, 1.08], [0.155, 1.083], [0.105, 1.02], [0.085, 0.93], [0.001, 0.86]], 2);
    let handle = curve(
        &[
            [0.104, 0.965, 0.0, 0.022],
            [0.190, 1.010, 0.0, 0.020],
            [0.262, 0.945, 0.0, 0.020],
            [0.262, 0.830, 0.0, 0.021],
            [0.205, 0.790, 0.0, 0.026],
        ],
        4,
    );
    let handle = tube(9, &handle, 1.5);
    let handles = handle.clone().with(&handle, Vec3::ZERO, Rotation::turn(180.0));
    let amphora = scene.model(
        "Amphora",
        vec![(lathe(40, &[&outline], 0, 0.0), glazed), (handles, clay), (lathe(24, &[&throat], 0, 0.0), dark)],
    );
    let bush = bush(scene, clay);
    Node::new("Pottery", Vec3::ZERO)
        .with(Node::new("Amphora", vec3(1.20, 0.0, -0.95)).rotated(Rotation::turn(38.0)).showing(amphora))
        .with(bush)
}

/// Leaves on arcs around a stem, each turned by the golden angle from the last (phyllotaxis).
fn bush(scene: &mut Scene, clay: MaterialIndex) -> Node {
    let outline = scene.texture(texture::leaf());
    let green = scene.material(Material {
        name: "Leaves",
        color: [1.0; 4],
        texture: Some(outline),
        metallic: 0.0,
        roughness: 0.7,
        alpha: Alpha::Mask(0.5),
        double_sided: true,
    });
    let earth = scene.painted("Earth", hex(0x4A3428), 0.0, 1.0);
    let outside = [
        [0.150, 0.0],
        [0.155, 0.012],
        [0.205, 0.26],
        [0.225, 0.262],
        [0.232, 0.272],
        [0.238, 0.325],
        [0.230, 0.335],
        [0.212, 0.335],
        [0.204, 0.325],
        [0.200, 0.285],
    ];
    let pot = lathe(32, &[&outside], 0, 0.0);
    let soil = lathe(24, &[&[[0.202, 0.295], [0.12, 0.305], [0.001, 0.312]]], 0, 0.0);
    let mut foliage = Mesh::default();
    for index in 0..34 {
        let t = index as f32 / 33.0;
        let shape = leaf(0.40 - 0.10 * t + 0.06 * (hash(index, 1, 2) - 0.5), 0.19 - 0.04 * t, 0.55 + 1.25 * t, 5);
        let tilt = Rotation::about(vec3(1.0, 0.0, 0.0), -8.0 - 34.0 * t * t);
        let spin = tilt.then(Rotation::turn(index as f32 * 137.508));
        foliage = foliage.with(&shape, vec3(0.0, 0.02 + 0.20 * t, 0.0) + spin.apply(vec3(0.0, 0.0, 0.02)), spin);
    }
    let pot = scene.model("Plant pot", vec![(pot, clay), (soil, earth)]);
    let foliage = scene.model("Foliage", vec![(foliage, green)]);
    Node::new("Plant", vec3(1.52, 0.0, 0.72))
        .showing(pot)
        .with(Node::new("Foliage", vec3(0.0, 0.30, 0.0)).rotated(Rotation::turn(15.0)).showing(foliage))
}

/// A leather ball on the tiles, a hoop against the crates.
pub(super) fn toys(scene: &mut Scene, brass: MaterialIndex) -> Node {
    let leather = scene.texture(texture::ball());
    let leather = scene.textured("Ball", leather, 0.6);
    let ball = scene.model("Ball", vec![(sphere(32, 18, 0.20), leather)]);
    let hoop = scene.model("Hoop", vec![(torus(44, 9, 0.30, 0.022), brass)]);
    let lean = Rotation::about(vec3(1.0, 0.0, 0.0), 68.0).then(Rotation::turn(CRATES_TURN));
    Node::new("Toys", Vec3::ZERO)
        .with(
            Node::new("Ball", vec3(-1.05, 0.20, 1.30))
                .rotated(Rotation::about(vec3(0.3, 0.2, 1.0), 38.0).then(Rotation::turn(12.0)))
                .showing(ball),
        )
        .with(
            Node::new("Hoop", Rotation::turn(CRATES_TURN).apply(vec3(-0.10, 0.302, 0.52)) + CRATES_AT)
                .rotated(lean)
                .showing(hoop),
        )
}

/// Three kinds of river stone in a loose row before the table, and some by the wall.
pub(super) fn stones(scene: &mut Scene, stone: MaterialIndex) -> Node {
    let slate = scene.painted("Slate", hex(0x6E747A), 0.0, 0.8);
    let rust = scene.painted("Sandstone", hex(0xB7906A), 0.0, 0.9);
    let kinds = [
        scene.model(
            "Round stone",
            vec![(pebble(20, 12, vec3(0.10, 0.062, 0.085), 3).textured([2.0, 1.0], [0.0, 0.0]), stone)],
        ),
        scene.model("Flat stone", vec![(pebble(20, 12, vec3(0.12, 0.045, 0.09), 14), slate)]),
        scene.model("Long stone", vec![(pebble(18, 12, vec3(0.09, 0.07, 0.07), 29), rust)]),
    ];
    let mut stones = Node::new("Stones", Vec3::ZERO);
    // x, z, kind, size
    let places: [[f32; 4]; 11] = [
        [0.62, 1.72, 1.0, 1.15],
        [0.82, 1.66, 0.0, 1.0],
        [0.74, 1.88, 2.0, 0.8],
        [0.97, 1.80, 1.0, 0.62],
        [0.50, 1.90, 0.0, 0.55],
        [-2.05, 0.45, 2.0, 1.3],
        [-1.92, 0.64, 0.0, 0.9],
        [-2.16, 0.68, 1.0, 0.8],
        [2.12, 0.42, 0.0, 0.95],
        [2.22, 0.60, 2.0, 0.7],
        [2.02, 0.56, 1.0, 0.75],
    ];
    for (index, [x, z, kind, size]) in places.into_iter().enumerate() {
        let turn = Rotation::turn(hash(index as i32, 5, 1) * 360.0);
        let height = [0.052, 0.038, 0.058][kind as usize] * size;
        let name = format!("Stone {}", index + 1);
        stones =
            stones.with(Node::new(name, vec3(x, height, z)).rotated(turn).scaled(size).showing(kinds[kind as usize]));
    }
    stones
}
