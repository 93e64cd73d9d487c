//! Descriptor pools and their sets. A set's handle is the address of its place in the pool.

use std::sync::{Mutex, PoisonError};

use ash::vk;
use ash::vk::Handle;

use super::control::Can;
use super::object::{self, Callbacks, Kind, result, stub_of};

/// A place of a pool that is taken.
const TAKEN: u32 = u32::MAX;
/// The end of the chain of free places.
const END: u32 = u32::MAX - 1;
/// What one pool may hold here.
const SETS_MAX: usize = 1 << 14;

/// The chain of free places goes through the places themselves.
struct Places {
    /// How many the pool was made with.
    count: u32,
    free: u32,
    next: [u32; SETS_MAX],
}

/// # Safety
/// Called as `vkCreateDescriptorPool`.
pub(super) unsafe extern "system" fn create_pool(
    device: vk::Device,
    info: *const vk::DescriptorPoolCreateInfo<'_>,
    callbacks: Callbacks<'_>,
    out: *mut vk::DescriptorPool,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkCreateDescriptorPool", Can::MEMORY)?;
            let count = (*info).max_sets.min(SETS_MAX as u32);
            let mut places = Places { count, free: 0, next: [END; SETS_MAX] };
            for (index, next) in places.next.iter_mut().enumerate().take((count as usize).saturating_sub(1)) {
                *next = index as u32 + 1;
            }
            let body = Mutex::new(places);
            out.write(vk::DescriptorPool::from_raw(object::create(stub, Kind::DescriptorPool, callbacks, body)?));
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkDestroyDescriptorPool`.
pub(super) unsafe extern "system" fn destroy_pool(
    device: vk::Device,
    pool: vk::DescriptorPool,
    callbacks: Callbacks<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        object::destroy::<Mutex<Places>>(stub, Kind::DescriptorPool, pool.as_raw(), callbacks);
    }
}

/// # Safety
/// Called as `vkAllocateDescriptorSets`.
pub(super) unsafe extern "system" fn allocate(
    device: vk::Device,
    info: *const vk::DescriptorSetAllocateInfo<'_>,
    out: *mut vk::DescriptorSet,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkAllocateDescriptorSets", Can::MEMORY.or(Can::POOL))?;
            let pool = object::get::<Mutex<Places>>(stub, Kind::DescriptorPool, (*info).descriptor_pool.as_raw())
                .ok_or(vk::Result::ERROR_OUT_OF_HOST_MEMORY)?;
            let mut places = pool.body.lock().unwrap_or_else(PoisonError::into_inner);
            for index in 0..(*info).descriptor_set_count as usize {
                let place = places.free;
                if place >= places.count {
                    return Err(vk::Result::ERROR_OUT_OF_POOL_MEMORY);
                }
                stub.add_sets(1);
                places.free = std::mem::replace(&mut places.next[place as usize], TAKEN);
                let raw = &raw const places.next[place as usize] as u64;
                out.add(index).write(vk::DescriptorSet::from_raw(raw));
            }
        }
        Ok(())
    })
}

/// # Safety
/// Called as `vkFreeDescriptorSets`.
pub(super) unsafe extern "system" fn free(
    device: vk::Device,
    pool: vk::DescriptorPool,
    count: u32,
    sets: *const vk::DescriptorSet,
) -> vk::Result {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        let Some(pool) = object::get::<Mutex<Places>>(stub, Kind::DescriptorPool, pool.as_raw()) else {
            return vk::Result::SUCCESS;
        };
        let mut places = pool.body.lock().unwrap_or_else(PoisonError::into_inner);
        for set in std::slice::from_raw_parts(sets, count as usize) {
            let first = places.next.as_ptr() as u64;
            let place = (set.as_raw().wrapping_sub(first) / size_of::<u32>() as u64) as usize;
            if places.next.get(place) != Some(&TAKEN) {
                stub.misuse("a descriptor set is freed that is not the pool's, or was freed before");
                continue;
            }
            stub.add_sets(-1);
            places.next[place] = places.free;
            places.free = place as u32;
        }
    }
    vk::Result::SUCCESS
}

/// # Safety
/// Called as `vkUpdateDescriptorSets`.
pub(super) unsafe extern "system" fn update(
    device: vk::Device,
    count: u32,
    writes: *const vk::WriteDescriptorSet<'_>,
    _copy_count: u32,
    _copies: *const vk::CopyDescriptorSet<'_>,
) {
    // SAFETY: the arguments are the command's; a set's handle is the address of its place, while the pool lives.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        for write in (0..count as usize).map(|index| &*writes.add(index)) {
            if (write.dst_set.as_raw() as *const u32).as_ref() != Some(&TAKEN) {
                stub.misuse("a descriptor set is written that is not allocated");
            }
        }
    }
}
