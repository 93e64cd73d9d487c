//! The place of the sample: tiled ground, brick wall, columns.

use super::mesh::{Mesh, curve, lathe, rounded_box, sphere, surface};
use super::scene::{MaterialIndex, Node, Scene};
use super::texture::{self, hex};
use super::vector::{Portable, Rotation, Vec3, vec3};

const GROUND_RADIUS: f32 = 2.62;
/// How far the plinth under the tiles reaches down.
pub(super) const PLINTH_HEIGHT: f32 = 0.20;
const WALL_RADIUS: f32 = 2.42;

/// A disc of tiles in a ring of stone, with a rug in the middle.
pub(super) fn ground(scene: &mut Scene, stone: MaterialIndex) -> Node {
    let tiles = scene.texture(texture::tiles());
    let tiled = scene.textured("Tiles", tiles, 0.85);
    // rings grow with the radius, so that cells stay square
    let disc = surface(
        80,
        34,
        |u, v| {
            let (sin, cos) = (u * std::f32::consts::TAU).sine_cosine();
            vec3(sin, 0.0, cos) * (GROUND_RADIUS * v.power(0.85))
        },
        |_, _, _| Vec3::UP,
    );
    let mut disc = disc.mapped(|at| {
        let (a, b) = (at.x * 0.906 + at.z * 0.423, at.z * 0.906 - at.x * 0.423);
        [a / 1.5, b / 1.5]
    });
    disc.normals.fill(Vec3::UP);
    let (inner, outer) = (GROUND_RADIUS, GROUND_RADIUS + 0.30);
    let kerb = lathe(
        80,
        &[
            &[[0.001, -PLINTH_HEIGHT], [outer, -PLINTH_HEIGHT]],
            &[
                [outer, -PLINTH_HEIGHT],
                [outer, 0.02],
                [outer - 0.010, 0.044],
                [outer - 0.035, 0.05],
                [inner + 0.03, 0.05],
                [inner, 0.03],
                [inner - 0.005, -0.03],
            ],
        ],
        0,
        0.0,
    )
    .textured([24.0, 8.0], [0.0, 0.0]);

    let weave = scene.texture(texture::rug());
    let woven = scene.textured("Rug", weave, 1.0);
    let radius = 1.42;
    let mut hem: Vec<[f32; 2]> = vec![[radius, 0.0], [radius, 0.012]];
    hem.extend((1..=11).map(|ring| [radius * (1.0 - ring as f32 / 11.0 * 0.999), 0.018]));
    let rug = lathe(56, &[&hem], 0, 0.0).mapped(|at| [at.x / radius, at.z / radius]);

    let floor = scene.model("Floor", vec![(disc, tiled)]);
    let kerb = scene.model("Kerb", vec![(kerb, stone)]);
    let rug = scene.model("Rug", vec![(rug, woven)]);
    Node::new("Ground", Vec3::ZERO)
        .with(Node::new("Floor", Vec3::ZERO).showing(floor).with(Node::new("Rug", vec3(0.0, 0.002, 0.1)).showing(rug)))
        .with(Node::new("Kerb", Vec3::ZERO).showing(kerb))
}

/// A low wall of brick that bends around the back, under a stone coping.
pub(super) fn wall(scene: &mut Scene, stone: MaterialIndex) -> Node {
    let bricks = scene.texture(texture::bricks());
    let brick = scene.textured("Brick", bricks, 0.95);
    let length = WALL_RADIUS * 2.5;
    let courses = rounded_box(vec3(length, 0.80, 0.24), 0.012, [40, 6, 1])
        .textured([1.0 / 1.1, 1.0 / 0.72], [0.0, 0.0])
        .bent(WALL_RADIUS);
    let coping = rounded_box(vec3(length + 0.10, 0.09, 0.36), 0.022, [40, 1, 1]).bent(WALL_RADIUS);
    let wall = scene.model("Wall", vec![(courses, brick)]);
    let coping = scene.model("Coping", vec![(coping, stone)]);
    Node::new("Wall", Vec3::ZERO).rotated(Rotation::turn(8.0)).with(
        Node::new("Courses", vec3(0.0, 0.40, 0.0))
            .showing(wall)
            .with(Node::new("Coping", vec3(0.0, 0.445, 0.0)).showing(coping)),
    )
}

/// Two fluted columns with glazed balls, and a third that has lost its upper half.
pub(super) fn columns(scene: &mut Scene, stone: MaterialIndex) -> Node {
    let glaze = scene.painted("Teal glaze", hex(0x2F7F7B), 0.0, 0.25);
    let base = base().textured([1.0, 0.6], [0.0, 0.0]);
    let shaft = |height: f32, rows: usize| -> Mesh {
        let outline: Vec<[f32; 2]> = (0..=rows)
            .map(|row| {
                let t = row as f32 / rows as f32;
                // entasis: the slight swelling that keeps a straight shaft from looking waisted
                [0.165 - 0.028 * t * (height / 1.5) + 0.008 * (t * std::f32::consts::PI).sine(), height * t]
            })
            .collect();
        lathe(64, &[&outline], 16, 0.016).textured([1.0, height * 1.1], [0.0, 0.0])
    };
    let capital =
        curve(&[[0.135, 0.0], [0.150, 0.015], [0.135, 0.03], [0.137, 0.055], [0.175, 0.10], [0.20, 0.115]], 2);
    let capital = lathe(24, &[&capital], 0, 0.0).textured([1.0, 0.4], [0.0, 0.0]).with(
        &rounded_box(vec3(0.44, 0.06, 0.44), 0.014, [1, 1, 1]),
        vec3(0.0, 0.145, 0.0),
        Rotation::NONE,
    );
    let broken = {
        let mut broken = shaft(0.62, 4);
        // the break: the upper rim sags to one side
        for position in &mut broken.positions {
            if position.y > 0.5 {
                position.y -= 0.10 + 0.55 * position.x + 0.22 * position.z;
            }
        }
        let mut top = surface(
            24,
            2,
            |u, v| {
                let (sin, cos) = (u * std::f32::consts::TAU).sine_cosine();
                let at = vec3(sin, 0.0, cos) * (0.142 * (1.0 - v));
                at + Vec3::UP * (0.52 - 0.55 * at.x - 0.22 * at.z + 0.015 * (u * 40.0).sine() * v * (1.0 - v) * 4.0)
            },
            |_, _, _| Vec3::UP,
        );
        top = top.mapped(|at| [at.x * 2.0, at.z * 2.0]);
        broken.with(&top, Vec3::ZERO, Rotation::NONE)
    };
    let base = scene.model("Column base", vec![(base, stone)]);
    let tall = scene.model("Column shaft", vec![(shaft(1.5, 8), stone)]);
    let capital = scene.model("Column capital", vec![(capital, stone)]);
    let broken = scene.model("Broken shaft", vec![(broken, stone)]);
    let ball = scene.model("Finial", vec![(sphere(26, 16, 0.15), glaze)]);

    let column = |name: &str, degrees: f32| {
        let at = Rotation::turn(degrees).apply(vec3(0.0, 0.0, -1.98));
        Node::new(name, at).rotated(Rotation::turn(degrees)).showing(base).with(
            Node::new(format!("{name} shaft"), vec3(0.0, 0.19, 0.0)).showing(tall).with(
                Node::new(format!("{name} capital"), vec3(0.0, 1.5, 0.0))
                    .showing(capital)
                    .with(Node::new(format!("{name} finial"), vec3(0.0, 0.315, 0.0)).showing(ball)),
            ),
        )
    };
    Node::new("Columns", Vec3::ZERO).with(column("Left column", 46.0)).with(column("Right column", -22.0)).with(
        Node::new("Broken column", vec3(2.02, 0.0, -0.10))
            .rotated(Rotation::turn(70.0))
            .showing(base)
            .with(Node::new("Broken column shaft", vec3(0.0, 0.19, 0.0)).showing(broken)),
    )
}

fn base() -> Mesh {
    let rings = curve(
        &[
            [0.215, 0.085],
            [0.235, 0.105],
            [0.215, 0.13],
            [0.19, 0.14],
            [0.188, 0.155],
            [0.20, 0.17],
            [0.185, 0.187],
            [0.165, 0.192],
        ],
        2,
    );
    lathe(24, &[&rings], 0, 0.0).with(
        &rounded_box(vec3(0.50, 0.09, 0.50), 0.014, [1, 1, 1]),
        vec3(0.0, 0.045, 0.0),
        Rotation::NONE,
    )
}
