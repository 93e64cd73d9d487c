use voltrum_memory::Scope;

fn parse<'a>(_memory: &mut Scope<'a>, scratch: &mut Scope<'_>) -> &'a u32 {
    let temp = scratch.temp();
    temp.alloc(1)
}

fn main() {}
