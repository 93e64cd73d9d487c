//! The table of the sample and what is served on it: teapot, cups, fruit, a bottle, books.

use super::mesh::{Mesh, curve, lathe, rounded_box, sphere, tube};
use super::scene::{Alpha, Material, MaterialIndex, Node, Scene};
use super::texture::{self, hex, linear};
use super::vector::{Portable, Rotation, Vec3, square, vec3};

const TOP_HEIGHT: f32 = 0.66;

/// A round table on four turned legs.
pub(super) fn table(scene: &mut Scene, wood: MaterialIndex, brass: MaterialIndex) -> Node {
    let (radius, thick) = (0.86, 0.055);
    let mut edge = vec![
        [radius - 0.06, -thick],
        [radius - 0.012, -thick],
        [radius, -thick + 0.014],
        [radius, -0.014],
        [radius - 0.012, 0.0],
    ];
    edge.extend((1..=14).map(|ring| [(radius - 0.012) * (1.0 - ring as f32 / 14.0 * 0.999), 0.0]));
    let top = lathe(56, &[&edge], 0, 0.0).mapped(|at| [at.x / 1.1 + 0.5, (at.z + at.y) / 1.1 + 0.13]);
    let apron = lathe(40, &[&[[0.66, -0.15], [0.66, -0.05]]], 0, 0.0).textured([5.0, 0.16], [0.0, 0.03]);
    let leg = curve(
        &[
            [0.018, 0.0],
            [0.030, 0.02],
            [0.022, 0.06],
            [0.030, 0.20],
            [0.052, 0.40],
            [0.030, 0.445],
            [0.048, 0.465],
            [0.030, 0.485],
            [0.050, 0.51],
            [0.050, 0.61],
        ],
        2,
    );
    let leg = lathe(12, &[&leg], 0, 0.0).mapped(|at| [at.y * 0.9, at.x.angle_over(at.z) * 0.04 + 0.37]);
    let top = scene.model("Table top", vec![(top, wood), (apron, wood)]);
    let leg = scene.model("Table leg", vec![(leg, wood)]);

    let mut plate = Node::new("Table top", vec3(0.0, TOP_HEIGHT, 0.0)).rotated(Rotation::turn(28.0)).showing(top);
    for serving in [teapot(scene, brass), fruit(scene), bottle(scene), books(scene, brass)] {
        plate = plate.with(serving);
    }
    let mut table = Node::new("Table", vec3(0.0, 0.02, 0.1)).with(plate);
    for (name, degrees) in [("Leg north", 10.0), ("Leg east", 100.0), ("Leg south", 190.0), ("Leg west", 280.0)] {
        let at = Rotation::turn(degrees).apply(vec3(0.0, 0.0, 0.60));
        table = table.with(Node::new(name, at).rotated(Rotation::turn(degrees)).showing(leg));
    }
    table
}

/// A painted tea set: the pot with its lid, two cups on saucers.
fn teapot(scene: &mut Scene, brass: MaterialIndex) -> Node {
    let painting = scene.texture(texture::porcelain());
    let porcelain = scene.textured("Porcelain", painting, 0.3);
    let plain = scene.painted("Plain porcelain", hex(0xF1ECE2), 0.0, 0.3);

    let belly = curve(
        &[
            [0.075, 0.0],
            [0.085, 0.010],
            [0.082, 0.018],
            [0.135, 0.055],
            [0.162, 0.115],
            [0.145, 0.180],
            [0.100, 0.218],
            [0.078, 0.226],
        ],
        3,
    );
    let body = lathe(36, &[&belly], 0, 0.0).textured([1.0, 1.0], [0.0, 0.0]);
    let spout = curve(
        &[
            [0.125, 0.080, 0.0, 0.044],
            [0.190, 0.100, 0.0, 0.034],
            [0.225, 0.165, 0.0, 0.024],
            [0.268, 0.222, 0.0, 0.017],
            [0.280, 0.230, 0.0, 0.019],
        ],
        3,
    );
    let handle = curve(
        &[
            [-0.130, 0.175, 0.0, 0.013],
            [-0.205, 0.205, 0.0, 0.014],
            [-0.248, 0.150, 0.0, 0.014],
            [-0.215, 0.085, 0.0, 0.014],
            [-0.140, 0.068, 0.0, 0.013],
        ],
        4,
    );
    let fittings = tube(12, &spout, 0.9).with(&tube(9, &handle, 1.3), Vec3::ZERO, Rotation::NONE);
    let lid = curve(&[[0.086, 0.0], [0.088, 0.008], [0.075, 0.022], [0.030, 0.036], [0.001, 0.038]], 2);
    let lid = lathe(32, &[&lid], 0, 0.0);
    let knob = curve(&[[0.009, 0.0], [0.009, 0.012], [0.024, 0.026], [0.022, 0.040], [0.001, 0.047]], 2);
    let knob = lathe(20, &[&knob], 0, 0.0);

    let pot = scene.model("Teapot", vec![(body, porcelain), (fittings, plain)]);
    let lid = scene.model("Teapot lid", vec![(lid, plain)]);
    let knob = scene.model("Teapot knob", vec![(knob, brass)]);

    let bowl = curve(&[[0.030, 0.0], [0.032, 0.008], [0.056, 0.026], [0.072, 0.060], [0.080, 0.085]], 2);
    let inside = curve(&[[0.080, 0.085], [0.076, 0.084], [0.066, 0.058], [0.050, 0.028], [0.001, 0.018]], 2);
    let grip = curve(
        &[
            [0.068, 0.070, 0.0, 0.007],
            [0.103, 0.072, 0.0, 0.007],
            [0.108, 0.042, 0.0, 0.007],
            [0.062, 0.030, 0.0, 0.007],
        ],
        2,
    );
    let tea = scene.painted("Tea", hex(0x8A3F1C), 0.0, 0.2);
    let cup = vec![
        (lathe(24, &[&bowl], 0, 0.0), porcelain),
        (lathe(24, &[&inside], 0, 0.0).with(&tube(7, &grip, 1.2), Vec3::ZERO, Rotation::NONE), plain),
        (lathe(20, &[&[[0.070, 0.066], [0.001, 0.066]]], 0, 0.0), tea),
    ];
    let cup = scene.model("Cup", cup);
    let saucer = curve(
        &[[0.040, 0.0], [0.075, 0.004], [0.112, 0.018], [0.116, 0.021], [0.110, 0.021], [0.070, 0.010], [0.001, 0.008]],
        2,
    );
    let saucer = scene.model("Saucer", vec![(lathe(26, &[&saucer], 0, 0.0), plain)]);

    let served = |name: &str, at: Vec3, degrees: f32| {
        Node::new(format!("{name} saucer"), at)
            .rotated(Rotation::turn(degrees))
            .showing(saucer)
            .with(Node::new(name, vec3(0.0, 0.008, 0.0)).showing(cup))
    };
    Node::new("Tea set", Vec3::ZERO)
        .with(
            Node::new("Teapot", vec3(-0.36, 0.0, -0.02)).rotated(Rotation::turn(-14.0)).scaled(1.25).showing(pot).with(
                Node::new("Teapot lid", vec3(0.0, 0.222, 0.0))
                    .showing(lid)
                    .with(Node::new("Teapot knob", vec3(0.0, 0.036, 0.0)).showing(knob)),
            ),
        )
        .with(served("Left cup", vec3(-0.14, 0.0, 0.48), 205.0))
        .with(served("Right cup", vec3(0.36, 0.0, 0.52), -35.0))
}

/// A wooden-brown bowl of oranges and lemons; one has rolled away.
fn fruit(scene: &mut Scene) -> Node {
    let earthen = scene.painted("Earthenware", hex(0x39537A), 0.0, 0.4);
    let orange = scene.painted("Orange", hex(0xE08A2E), 0.0, 0.6);
    let lemon = scene.painted("Lemon", hex(0xE9C94B), 0.0, 0.6);
    let outside = curve(&[[0.085, 0.0], [0.090, 0.012], [0.150, 0.045], [0.205, 0.100], [0.215, 0.112]], 2);
    let inside = curve(&[[0.215, 0.112], [0.208, 0.112], [0.145, 0.058], [0.080, 0.028], [0.001, 0.024]], 2);
    let bowl = scene.model("Bowl", vec![(lathe(32, &[&outside, &inside], 0, 0.0), earthen)]);
    let orange = scene.model("Orange", vec![(sphere(16, 11, 0.068), orange)]);
    let mut lemon_shape = sphere(16, 11, 0.055);
    for position in &mut lemon_shape.positions {
        // both ends drawn out
        let along = position.y / 0.055;
        position.y *= 1.15 + 0.18 * square(along * along * along);
    }
    let lemon = scene.model("Lemon", vec![(lemon_shape, lemon)]);
    let tipped = |degrees: f32, spin: f32| Rotation::about(vec3(0.0, 0.0, 1.0), degrees).then(Rotation::turn(spin));
    Node::new("Fruit bowl", vec3(0.40, 0.0, 0.02))
        .showing(bowl)
        .with(Node::new("Orange one", vec3(-0.075, 0.105, 0.045)).showing(orange))
        .with(Node::new("Orange two", vec3(0.080, 0.105, 0.050)).showing(orange))
        .with(Node::new("Orange three", vec3(0.000, 0.108, -0.090)).showing(orange))
        .with(Node::new("Lemon one", vec3(0.005, 0.195, 0.005)).rotated(tipped(80.0, 30.0)).showing(lemon))
        .with(Node::new("Lemon two", vec3(-0.29, 0.055, 0.22)).rotated(tipped(88.0, -50.0)).showing(lemon))
}

/// A bottle of pale green glass with a cork.
fn bottle(scene: &mut Scene) -> Node {
    let [r, g, b] = linear(hex(0x9CCBB2));
    let glass = scene.material(Material {
        name: "Glass",
        color: [r, g, b, 0.42],
        texture: None,
        metallic: 0.0,
        roughness: 0.08,
        alpha: Alpha::Blend,
        double_sided: false,
    });
    let cork = scene.painted("Cork", hex(0xB88A5C), 0.0, 0.95);
    let outline = curve(
        &[
            [0.001, 0.004],
            [0.070, 0.003],
            [0.082, 0.014],
            [0.083, 0.20],
            [0.080, 0.245],
            [0.036, 0.315],
            [0.028, 0.345],
            [0.028, 0.405],
            [0.034, 0.408],
            [0.034, 0.425],
            [0.026, 0.428],
        ],
        2,
    );
    let bottle = scene.model("Bottle", vec![(lathe(28, &[&outline], 0, 0.0), glass)]);
    let plug = scene.model(
        "Cork",
        vec![(lathe(12, &[&[[0.024, -0.02], [0.027, 0.028]], &[[0.027, 0.028], [0.001, 0.030]]], 0, 0.0), cork)],
    );
    Node::new("Bottle", vec3(-0.03, 0.0, -0.44))
        .showing(bottle)
        .with(Node::new("Cork", vec3(0.0, 0.425, 0.0)).showing(plug))
}

/// Three books, carelessly stacked, and a brass bell on top.
fn books(scene: &mut Scene, brass: MaterialIndex) -> Node {
    let paper = scene.painted("Paper", hex(0xE9DFC8), 0.0, 0.95);
    let bell = curve(
        &[
            [0.052, 0.0],
            [0.050, 0.008],
            [0.036, 0.022],
            [0.030, 0.050],
            [0.018, 0.064],
            [0.006, 0.068],
            [0.006, 0.085],
            [0.014, 0.095],
            [0.012, 0.106],
            [0.001, 0.111],
        ],
        2,
    );
    let bell = scene.model("Bell", vec![(lathe(18, &[&bell], 0, 0.0), brass)]);
    let mut stack = Node::new("Bell", vec3(0.01, 0.148, 0.0)).showing(bell);
    let mut top = Node::new("Books", vec3(0.36, 0.0, -0.46)).rotated(Rotation::turn(-16.0));
    let covers: [(&str, u32, [f32; 3], f32, f32); 3] = [
        ("Atlas", 0x2E3A59, [0.34, 0.055, 0.25], 0.0, 0.0),
        ("Herbal", 0x8C3B2E, [0.29, 0.050, 0.21], 14.0, 0.055),
        ("Poems", 0xC9A24A, [0.24, 0.042, 0.17], -9.0, 0.105),
    ];
    for (name, color, [long, thick, wide], degrees, height) in covers {
        let cover = scene.painted(name, hex(color), 0.0, 0.7);
        let model = scene.model(name, vec![(binding(long, thick, wide), cover), (pages(long, thick, wide), paper)]);
        top = top.with(
            Node::new(name, vec3(0.0, height + thick * 0.5, 0.0)).rotated(Rotation::turn(degrees)).showing(model),
        );
    }
    stack.rotation = Rotation::turn(10.0);
    top.with(stack)
}

fn binding(long: f32, thick: f32, wide: f32) -> Mesh {
    let board = rounded_box(vec3(long, 0.007, wide), 0.002, [2, 1, 2]);
    let spine = rounded_box(vec3(long, thick, 0.008), 0.003, [2, 1, 1]);
    board
        .clone()
        .with(&board, vec3(0.0, thick - 0.007, 0.0), Rotation::NONE)
        .with(&spine, vec3(0.0, thick * 0.5 - 0.0035, wide * 0.5), Rotation::NONE)
        .moved(Vec3::UP * (0.0035 - thick * 0.5))
}

fn pages(long: f32, thick: f32, wide: f32) -> Mesh {
    rounded_box(vec3(long - 0.014, thick - 0.012, wide - 0.010), 0.002, [2, 1, 2])
}
