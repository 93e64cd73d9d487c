//! A picture of a model by three-d, for `bench load`: `voltrum-bench-three-d MODEL -o PICTURE`.
//!
//! Its window needs a display, so the OpenGL context is one of EGL without a surface, as glow users make it.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use khronos_egl as egl;
use three_d::*;

const SIZE: [u32; 2] = [1280, 720];
/// From the model to the eye, and the angle of view from top to bottom: those of `voltrum render`, as is the room around it.
const BACKWARD: Vec3 = vec3(0.498, 0.342, 0.797);
const FIELD_DEGREES: f32 = 40.0;
const MARGIN: f32 = 1.06;
/// `EGL_PLATFORM_SURFACELESS_MESA`.
const SURFACELESS: egl::Enum = 0x31DD;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let result = match &*arguments {
        [version] if version == "--version" => return ExitCode::SUCCESS,
        [model, option, picture] if option == "-o" => draw(model.into(), picture.into()),
        _ => Err("usage: voltrum-bench-three-d MODEL -o PICTURE".into()),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn draw(model: PathBuf, picture: PathBuf) -> Result<(), Box<dyn Error>> {
    let context = surfaceless()?;
    let cpu_model: CpuModel = three_d_asset::io::load_and_deserialize(model)?;
    let model = Model::<PhysicalMaterial>::new(&context, &cpu_model)?;

    let mut bounds = AxisAlignedBoundingBox::EMPTY;
    model.iter().for_each(|part| bounds.expand_with_aabb(part.aabb()));
    let radius = 0.5 * bounds.size().magnitude();
    let eye = eye(model.iter().map(|part| part.aabb()));
    let camera = Camera::new_perspective(
        Viewport::new_at_origo(SIZE[0], SIZE[1]),
        eye,
        eye - BACKWARD,
        Vec3::unit_y(),
        degrees(FIELD_DEGREES),
        0.01 * radius,
        (eye - bounds.center()).magnitude() + radius,
    );
    let sun = DirectionalLight::new(&context, 3.0, Srgba::WHITE, vec3(-0.5, -1.0, -0.7));
    let sky = AmbientLight::new(&context, 0.6, Srgba::WHITE);

    let color = Texture2D::new_empty::<[u8; 4]>(
        &context,
        SIZE[0],
        SIZE[1],
        Interpolation::Nearest,
        Interpolation::Nearest,
        None,
        Wrapping::ClampToEdge,
        Wrapping::ClampToEdge,
    );
    let depth = DepthTexture2D::new::<f32>(&context, SIZE[0], SIZE[1], Wrapping::ClampToEdge, Wrapping::ClampToEdge);
    let pixels: Vec<[u8; 4]> = RenderTarget::new(color.as_color_target(None), depth.as_depth_target())
        .clear(ClearState::color_and_depth(0.2, 0.2, 0.2, 1.0, 1.0))
        .render(&camera, &model, &[&sun, &sky])
        .read_color();

    let mut encoder = png::Encoder::new(std::fs::File::create(picture)?, SIZE[0], SIZE[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(pixels.as_flattened())?;
    Ok(())
}

/// Where all boxes are in view and fill the picture, as much as they do in that of `voltrum render`.
fn eye(boxes: impl Iterator<Item = AxisAlignedBoundingBox>) -> Vec3 {
    let backward = BACKWARD.normalize();
    let right = Vec3::unit_y().cross(backward).normalize();
    let up = backward.cross(right);
    let half_y = (0.5 * FIELD_DEGREES).to_radians().tan() / MARGIN;
    let half_x = half_y * SIZE[0] as f32 / SIZE[1] as f32;
    // each side of the picture is a plane through the eye
    let mut sides = [f32::NEG_INFINITY; 4];
    for [low, high] in boxes.map(|bounds| [bounds.min(), bounds.max()]) {
        for corner in 0..8 {
            let along = |axis: usize| if corner >> axis & 1 == 0 { low[axis] } else { high[axis] };
            let corner = vec3(along(0), along(1), along(2));
            let (x, y, z) = (corner.dot(right), corner.dot(up), corner.dot(backward));
            let reaches = [half_x * z + x, half_x * z - x, half_y * z + y, half_y * z - y];
            sides = std::array::from_fn(|side| sides[side].max(reaches[side]));
        }
    }
    let z = ((sides[0] + sides[1]) / (2.0 * half_x)).max((sides[2] + sides[3]) / (2.0 * half_y));
    0.5 * (sides[0] - sides[1]) * right + 0.5 * (sides[2] - sides[3]) * up + z * backward
}

/// A current OpenGL context that draws into textures alone.
fn surfaceless() -> Result<Context, Box<dyn Error>> {
    // SAFETY:
    // - the system's libEGL is what its name says
    // - it stays loaded: the instance is leaked below
    let egl = unsafe { egl::DynamicInstance::<egl::EGL1_5>::load_required() }?;
    let egl = Box::leak(Box::new(egl));
    // SAFETY: this platform takes no other display than the default one
    let display = unsafe { egl.get_platform_display(SURFACELESS, egl::DEFAULT_DISPLAY, &[egl::ATTRIB_NONE]) }?;
    egl.initialize(display)?;
    egl.bind_api(egl::OPENGL_API)?;
    let config = egl
        .choose_first_config(display, &[egl::SURFACE_TYPE, 0, egl::RENDERABLE_TYPE, egl::OPENGL_BIT, egl::NONE])?
        .ok_or("no EGL configuration")?;
    let version = [egl::CONTEXT_MAJOR_VERSION, 3, egl::CONTEXT_MINOR_VERSION, 3, egl::NONE];
    let context = egl.create_context(display, config, None, &version)?;
    egl.make_current(display, None, None, Some(context))?;
    // SAFETY: the context is current on this thread, and stays so until the process ends
    let functions = unsafe {
        three_d::context::Context::from_loader_function(|name| {
            egl.get_proc_address(name).map_or(std::ptr::null(), |function| function as *const _)
        })
    };
    Ok(Context::from_gl_context(Arc::new(functions))?)
}
